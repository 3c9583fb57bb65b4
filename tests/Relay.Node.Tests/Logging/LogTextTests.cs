using Relay.Node.Logging;

namespace Relay.Node.Tests.Logging;

public sealed class LogTextTests
{
    [Theory]
    [InlineData(null, "")]
    [InlineData("plain text", "plain text")]
    [InlineData("a\r\n2026-01-01 INF forged", "a\\u000d\\u000a2026-01-01 INF forged")]
    [InlineData("\u001b[31mred", "\\u001b[31mred")]
    [InlineData("quote\" and \\", "quote\\\" and \\\\")]
    [InlineData("gr\u00fc\u00dfe", "gr\u00fc\u00dfe")]
    [InlineData("\u202eevil", "\\u202eevil")]
    [InlineData("\u2028next", "\\u2028next")]
    public void What_strangers_say_cannot_forge_a_line(string? said, string written) => Assert.Equal(written, LogText.Safe(said));

    [Theory]
    [InlineData("user@relay.example", "user@relay.example")]
    [InlineData("\"a> client=10.9.9.9 x\"@b.example", "\\\"a\\u003e\\u0020client=10.9.9.9\\u0020x\\\"@b.example")]
    [InlineData("SRS0=abc=de=b.example=u@relay.example", "SRS0=abc=de=b.example=u@relay.example")]
    public void An_address_cannot_forge_a_field(string said, string written) => Assert.Equal(written, LogText.Address(said));

    [Fact]
    public void Endless_text_is_cut_and_marked()
    {
        var written = LogText.Safe(new string('x', 100_000));
        Assert.Equal(LogText.LengthMax + 3, written.Length);
        Assert.EndsWith("x...", written, StringComparison.Ordinal);
    }
}
