using System.Text;
using BenchmarkDotNet.Attributes;
using Relay.Smtp.Content;

namespace Relay.Benchmarks;

/// <summary>What it costs to follow a body: the end of data, stuffed dots, bare CR and LF.</summary>
public class BodyBenchmarks
{
    private const int Octets = 64 << 10;
    private byte[] _block = [];

    /// <summary>Every so many lines one begins with a dot.</summary>
    [Params(10, 1000)]
    public int LinesPerDot { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        var text = new StringBuilder(Octets);
        for (var line = 0; text.Length < Octets; line++)
        {
            text.Append(line % LinesPerDot == 0 ? "..a line that began with a dot\r\n" : "seventy-six octets of a line, as an encoder of base64 makes them, and it ends.\r\n");
        }

        _block = Encoding.ASCII.GetBytes(text.Append(".\r\n").ToString());
    }

    [Benchmark]
    public long Unstuff64KiB()
    {
        var scanner = new BodyScanner(lineMax: 998, hasDots: true);
        var rest = _block.AsSpan();
        var content = 0L;
        while (!scanner.Scan(rest, out _, out var length, out var consumed))
        {
            content += length;
            rest = rest[consumed..];
        }

        return content;
    }
}
