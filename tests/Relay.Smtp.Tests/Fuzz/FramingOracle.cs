using System.Globalization;
using System.Text;
using Relay.Smtp.Content;
using Relay.Smtp.Tests.Content;
using Relay.Smtp.Tests.Server;

namespace Relay.Smtp.Tests.Fuzz;

/// <summary>
/// A second, plain reading of where commands, data and chunks begin and end: says after each octet how many replies there must be.
/// </summary>
internal sealed class FramingOracle
{
    private readonly StringBuilder _line = new();
    private readonly List<byte> _data = [];
    private readonly List<byte> _chunks = [];
    private Mode _mode = Mode.Command;
    private long _chunkLeft;
    private bool _owesReply;

    private enum Mode
    {
        Command,
        Data,
        Chunk,
        Closed,
    }

    /// <summary>One octet went in and these lines came out.</summary>
    public void Check(byte octet, IReadOnlyList<string> lines)
    {
        var replies = lines.Where(line => line.StartsWith("S: ", StringComparison.Ordinal) && line[6] == ' ').ToList();
        var code = replies.Count == 0 ? 0 : int.Parse(replies[^1].AsSpan(3, 3), CultureInfo.InvariantCulture);
        var isClosed = lines.Contains("=: close");
        switch (_mode)
        {
            case Mode.Closed:
                Assert.Empty(lines);
                return;
            case Mode.Data:
                TakeData(octet, replies.Count, lines);
                break;
            case Mode.Chunk:
                TakeChunk(octet, replies.Count, lines);
                break;
            default:
                TakeCommand(octet, replies.Count, code, isClosed, lines);
                break;
        }

        _mode = isClosed ? Mode.Closed : _mode;
    }

    private void TakeCommand(byte octet, int replies, int code, bool isClosed, IReadOnlyList<string> lines)
    {
        var isBroken = (_line.Length == 0 && !char.IsAsciiLetter((char)octet) && octet != '\r') // also a lone LF
            || (octet == '\n' && (_line.Length == 0 || _line[^1] != '\r'))
            || (octet != '\n' && _line.Length > 0 && _line[^1] == '\r');
        _line.Append((char)octet);
        if (isBroken)
        {
            Assert.Equal(1, replies);
            Assert.True(isClosed);
            return;
        }

        if (octet != '\n')
        {
            Assert.Equal(0, replies);
            return;
        }

        var words = _line.ToString().TrimEnd('\r', '\n').TrimEnd(' ').Split(' ');
        _line.Clear();
        if (words[0].Equals("BDAT", StringComparison.OrdinalIgnoreCase))
        {
            TakeBdat(words, replies, code, isClosed, lines);
            return;
        }

        Assert.Equal(1, replies);
        if (code == 354)
        {
            Assert.Equal("DATA", words[0], ignoreCase: true);
            _mode = Mode.Data;
            _data.Clear();
        }
    }

    private void TakeBdat(string[] words, int replies, int code, bool isClosed, IReadOnlyList<string> lines)
    {
        var isValid = words.Length is 2 or 3
            && words[1].Length > 0 && words[1].All(char.IsAsciiDigit)
            && long.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out _chunkLeft)
            && (words.Length == 2 || words[2].Equals("LAST", StringComparison.OrdinalIgnoreCase));
        Assert.True(isValid || isClosed);
        if (isClosed || _chunkLeft == 0)
        {
            Assert.Equal(1, replies);
            EndChunk(lines);
            return;
        }

        // A refused chunk is answered at once and dropped; any other is answered at its end.
        Assert.Equal(code >= 400 ? 1 : 0, replies);
        _owesReply = replies == 0;
        _mode = Mode.Chunk;
        if (replies == 1)
        {
            _chunks.Clear();
        }
    }

    private void TakeChunk(byte octet, int replies, IReadOnlyList<string> lines)
    {
        _chunks.Add(octet);
        _chunkLeft--;
        Assert.Equal(_chunkLeft == 0 && _owesReply ? 1 : 0, replies);
        if (_chunkLeft == 0)
        {
            _mode = Mode.Command;
            EndChunk(lines);
        }
    }

    private void EndChunk(IReadOnlyList<string> lines)
    {
        CheckMessage(lines, [.. _chunks]);
        if (!lines.Any(line => line.StartsWith("S: 250 2.0.0 Chunk", StringComparison.Ordinal)))
        {
            _chunks.Clear();
        }
    }

    private void TakeData(byte octet, int replies, IReadOnlyList<string> lines)
    {
        _data.Add(octet);
        var isAtEnd = octet == '\n' && NaiveBody.Read([.. _data], 998).IsEnded;
        Assert.Equal(isAtEnd ? 1 : 0, replies);
        if (isAtEnd)
        {
            var (content, _, _, fault) = NaiveBody.Read([.. _data], 998);
            // A refusal that is one error too many for the connection is said as 421, and ends it (RFC 5321 section 4.2.3).
            var isTooMany = lines.Any(line => line.StartsWith("S: 421 4.7.0 ", StringComparison.Ordinal)) && lines.Contains("=: close");
            var isRefused = isTooMany || lines.Any(line => line.StartsWith("S: 550 5.5.2 Bare", StringComparison.Ordinal));
            Assert.True(fault != BodyFault.BadOctet || isRefused, "A bare CR, LF or NUL was not refused");
            Assert.True(fault == BodyFault.BadOctet || isTooMany || !isRefused, "A body without bare octets was refused for them");
            Assert.False(fault != BodyFault.None && lines.Any(line => line.StartsWith("=: message", StringComparison.Ordinal)));
            CheckMessage(lines, content);
            _mode = Mode.Command;
        }
    }

    // What is accepted must be exactly what the plain reading gives. RSET and the like end a chunked message: its octets are forgotten.
    private static void CheckMessage(IReadOnlyList<string> lines, byte[] content)
    {
        if (lines.FirstOrDefault(line => line.StartsWith("=: message", StringComparison.Ordinal)) is { } message)
        {
            Assert.Equal(BodyFault.None, NaiveBody.FaultOf(content, 998));
            Assert.EndsWith("> " + DialogueScript.Escape(content), message, StringComparison.Ordinal);
        }
    }

    /// <summary>The owner was told that a body is dropped.</summary>
    public void Abandon() => _chunks.Clear();
}
