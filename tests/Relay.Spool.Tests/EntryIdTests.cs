using CsCheck;

namespace Relay.Spool.Tests;

public sealed class EntryIdTests
{
    [Fact]
    public void Every_id_survives_its_text_form() =>
        Gen.Select(Gen.ULong, Gen.ULong).Sample((owner, sequence) =>
        {
            var id = new EntryId(owner, sequence);
            var text = id.ToString();
            return text.Length == EntryId.TextLength
                && EntryId.TryParse(text, out var parsed) && parsed == id
                && EntryId.TryParse(text.ToUpperInvariant(), out var upper) && upper == id;
        });

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("0000000000000000000000000")]
    [InlineData("000000000000000000000000000")]
    [InlineData("0000000000000000000000000u")]
    [InlineData("80000000000000000000000000")]
    [InlineData("zzzzzzzzzzzzzzzzzzzzzzzzzz")]
    public void Text_that_is_no_id_is_refused(string? text) => Assert.False(EntryId.TryParse(text, out _));

    [Fact]
    public void Text_of_a_known_id_is_fixed() =>
        Assert.Equal("0000000000000g000000000002", new EntryId(1, 2).ToString());
}
