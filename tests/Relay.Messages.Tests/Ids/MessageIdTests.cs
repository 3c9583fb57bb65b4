using CsCheck;
using Relay.Messages.Ids;

namespace Relay.Messages.Tests.Ids;

public sealed class MessageIdTests
{
    [Fact]
    public void Text_and_id_are_the_same_thing() =>
        Gen.Select(Gen.ULong, Gen.ULong).Sample((owner, sequence) =>
        {
            var id = new MessageId(owner, sequence);
            Assert.True(MessageId.TryParse(id.ToString(), out var read));
            Assert.Equal(id, read);
            Assert.Equal(MessageId.TextLength, id.ToString().Length);
        });

    [Fact]
    public void Text_sorts_as_ids_do() =>
        Gen.Select(Gen.ULong, Gen.ULong, Gen.ULong, Gen.ULong).Sample((a, b, c, d) =>
        {
            var (left, right) = (new MessageId(a, b), new MessageId(c, d));
            Assert.Equal(Math.Sign(left.CompareTo(right)), Math.Sign(string.CompareOrdinal(left.ToString(), right.ToString())));
        });

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("0000000000000000000000000")]
    [InlineData("000000000000000000000000000")]
    [InlineData("0000000000000000000000000i")]
    [InlineData("0000000000000000000000000A")]
    [InlineData("z0000000000000000000000000")]
    public void Text_that_no_id_writes_is_refused(string? text) => Assert.False(MessageId.TryParse(text, out _));

    [Fact]
    public void Random_text_is_either_refused_or_written_back_unchanged() =>
        Gen.String[Gen.Char["0123456789abcdefghjkmnpqrstvwxyzilouABC"], 26, 26].Sample(text =>
        {
            if (MessageId.TryParse(text, out var id))
            {
                Assert.Equal(text, id.ToString());
            }
        });
}
