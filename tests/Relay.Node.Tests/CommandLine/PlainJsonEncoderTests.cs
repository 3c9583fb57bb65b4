using System.Text.Json;
using Relay.Node.CommandLine;

namespace Relay.Node.Tests.CommandLine;

public sealed class PlainJsonEncoderTests
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = PlainJsonEncoder.Instance };

    [Fact]
    public void Printable_ascii_is_written_as_it_is()
    {
        var text = string.Concat(Enumerable.Range(' ', '~' - ' ' + 1).Select(static code => (char)code));
        Assert.Equal($"\"{text.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"", Write(text));
    }

    [Theory]
    [InlineData("\u001b[2J", @"\u001B[2J")]
    [InlineData("a\r\n\0", @"a\r\n\u0000")]
    [InlineData("\u007f\u0085\u009b", @"\u007F\u0085\u009B")]
    [InlineData("\u202eevil\u200b", @"\u202Eevil\u200B")]
    [InlineData("\u2028\ufeff", @"\u2028\uFEFF")]
    [InlineData("gr\u00fc\u00dfe \ud83d\ude00", @"gr\u00FC\u00DFe \uD83D\uDE00")]
    public void All_else_is_escaped_and_read_back(string text, string written)
    {
        Assert.Equal($"\"{written}\"", Write(text));
        Assert.Equal(text, JsonSerializer.Deserialize<string>(Write(text)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1_000)]
    [InlineData(100_000)]
    public void Long_text_is_written_whole(int length)
    {
        var text = string.Concat(Enumerable.Repeat("+\u001b\"\u202e", length));
        Assert.Equal(text, JsonSerializer.Deserialize<string>(Write(text)));
        Assert.Equal(JsonSerializer.Deserialize<string>(JsonSerializer.SerializeToUtf8Bytes(text, Plain)), text);
    }

    private static string Write(string text) => JsonSerializer.Serialize(text, Plain);
}
