using System.Text;
using Relay.Flood.Load;

namespace Relay.Flood.Tests.Load;

public sealed class MessageTextTests
{
    [Theory]
    [InlineData(200)]
    [InlineData(4096)]
    [InlineData(100_001)]
    public void A_message_has_its_size_whole_lines_and_one_end(int octets)
    {
        var text = Encoding.ASCII.GetString(MessageText.Build(octets, "test"));
        Assert.InRange(text.Length, octets - 2 + ".\r\n".Length, octets + ".\r\n".Length);
        Assert.EndsWith("\r\n.\r\n", text, StringComparison.Ordinal);
        var lines = text[..^".\r\n".Length].Split("\r\n");
        Assert.All(lines, line => Assert.True(line.Length <= 998 && !line.StartsWith('.') && !line.Contains('\n')));
    }
}
