using System.Net;

namespace Relay.Node.Encryption;

/// <summary>Sums up handshakes that failed, so that a flood of them is a line a minute. Thread-safe.</summary>
internal sealed class HandshakeFailures : IDisposable
{
    /// <summary>Between two lines.</summary>
    public static readonly TimeSpan LineInterval = TimeSpan.FromMinutes(1);

    /// <summary>How often the sum is looked at: a first failure is in the log this late at the most.</summary>
    public static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly TlsLog _log;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private long _count;
    private IPAddress? _lastClient;
    private string _lastCause = "";
    private long? _writtenAt;

    public HandshakeFailures(TlsLog log, TimeProvider time)
    {
        _log = log;
        _time = time;
        _timer = time.CreateTimer(static failures => ((HandshakeFailures)failures!).Write(LineInterval), this, LookInterval, LookInterval);
    }

    /// <summary>A handshake failed, or found no place.</summary>
    /// <param name="client">With whom.</param>
    /// <param name="cause">Why, in anybody's words.</param>
    public void Add(IPAddress client, string cause)
    {
        lock (_lock)
        {
            _count++;
            (_lastClient, _lastCause) = (client, cause);
        }
    }

    /// <summary>Writes what is not written yet.</summary>
    public void Dispose()
    {
        _timer.Dispose();
        Write(TimeSpan.Zero);
    }

    private void Write(TimeSpan interval)
    {
        long count;
        IPAddress client;
        string cause;
        lock (_lock)
        {
            var now = _time.GetTimestamp();
            if (_lastClient is not { } last || (_writtenAt is { } written && _time.GetElapsedTime(written, now) < interval))
            {
                return;
            }

            (count, client, cause) = (_count, last, _lastCause);
            (_count, _lastClient, _writtenAt) = (0, null, now);
        }

        _log.HandshakesFailed(count, client, cause);
    }
}
