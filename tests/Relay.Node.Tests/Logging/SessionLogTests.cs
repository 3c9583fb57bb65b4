using System.Net;
using Microsoft.Extensions.Time.Testing;
using Relay.Node.Logging;

namespace Relay.Node.Tests.Logging;

public sealed class SessionLogTests
{
    private const int More = 5;

    private static readonly string[] Troubles =
        ["could not be stored: no disk", "no decision on a mail of client=192.0.2.7: late", "the connection of client=192.0.2.7 failed"];

    private readonly SessionLines _lines = new();
    private readonly FakeTimeProvider _time = new();
    private readonly SessionLog _log;

    public SessionLogTests()
    {
        _log = new SessionLog(_lines, _time);
    }

    // A client brings each about as often as it likes while something of ours is out of order.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Trouble_of_each_kind_is_ten_lines_a_minute_and_a_number(int kind)
    {
        var line = Troubles[kind];
        for (var i = 0; i < SessionLog.LinesMax + More; i++)
        {
            Say(line);
        }

        Assert.Equal(SessionLog.LinesMax, _lines.Written.Count);
        Assert.All(_lines.Written, written => Assert.EndsWith(line, written, StringComparison.Ordinal));
        foreach (var other in Troubles.Where(other => other != line))
        {
            Say(other);
        }

        Assert.Equal(SessionLog.LinesMax + 2, _lines.Written.Count);
        _time.Advance(SessionLog.LineInterval);
        Say(line);
        Assert.Contains($"{More} more", _lines.Written.ToArray()[^2], StringComparison.Ordinal);
        Assert.EndsWith(line, _lines.Written.Last(), StringComparison.Ordinal);
    }

    private void Say(string line)
    {
        var client = IPAddress.Parse("192.0.2.7");
        switch (line[0])
        {
            case 'c':
                _log.NotStored(default, "no disk");
                break;
            case 'n':
                _log.NoDecision(client, "late");
                break;
            default:
                _log.ConnectionFailed(client, new InvalidOperationException("a defect"));
                break;
        }
    }
}
