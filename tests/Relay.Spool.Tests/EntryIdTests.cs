namespace Relay.Spool.Tests;

public sealed class EntryIdTests
{
    [Fact]
    public void Text_of_a_known_id_is_fixed() =>
        Assert.Equal("0000000000000g000000000002", new EntryId(1, 2).ToString());
}
