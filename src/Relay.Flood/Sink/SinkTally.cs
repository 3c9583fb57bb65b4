namespace Relay.Flood.Sink;

/// <summary>The counters of a sink: added to by all connections without a lock.</summary>
internal sealed class SinkTally
{
    private readonly TimeProvider _time;
    private long _connections;
    private int _openConnections;
    private long _messages;
    private long _recipients;
    private long _bytes;
    private long _faultReplies;
    private long _drops;
    private long _failures;
    private long _tickets;
    private long _firstAt;
    private long _lastAt;
    private Exception? _firstFailure;

    public SinkTally(TimeProvider time)
    {
        _time = time;
    }

    public int OpenConnections => Volatile.Read(ref _openConnections);

    public Exception? FirstFailure => Volatile.Read(ref _firstFailure);

    /// <summary>Counts a connection; its number, 1 for the first.</summary>
    public long ConnectionAccepted()
    {
        Interlocked.Increment(ref _openConnections);
        return Interlocked.Increment(ref _connections);
    }

    public void ConnectionEnded() => Interlocked.Decrement(ref _openConnections);

    public void FaultReplied() => Interlocked.Increment(ref _faultReplies);

    public void Dropped() => Interlocked.Increment(ref _drops);

    public void Failed(Exception failure)
    {
        Interlocked.Increment(ref _failures);
        Interlocked.CompareExchange(ref _firstFailure, failure, null);
    }

    /// <summary>The right to accept one more message; false when <paramref name="max"/> have been given.</summary>
    public bool TryTakeTicket(long max)
    {
        if (Interlocked.Increment(ref _tickets) <= max)
        {
            return true;
        }

        ReturnTicket();
        return false;
    }

    /// <summary>The message could not be kept, so another may have its place.</summary>
    public void ReturnTicket() => Interlocked.Decrement(ref _tickets);

    public void Accepted(int recipients, long bytes)
    {
        var now = _time.GetTimestamp();
        Interlocked.CompareExchange(ref _firstAt, now, 0);
        Volatile.Write(ref _lastAt, now);
        Interlocked.Add(ref _recipients, recipients);
        Interlocked.Add(ref _bytes, bytes);
        Interlocked.Increment(ref _messages);
    }

    public SinkCounters Read()
    {
        var messages = Interlocked.Read(ref _messages);
        var first = Interlocked.Read(ref _firstAt);
        var last = Interlocked.Read(ref _lastAt);
        return new SinkCounters(
            Interlocked.Read(ref _connections),
            OpenConnections,
            messages,
            Interlocked.Read(ref _recipients),
            Interlocked.Read(ref _bytes),
            Interlocked.Read(ref _faultReplies),
            Interlocked.Read(ref _drops),
            Interlocked.Read(ref _failures),
            last > first ? _time.GetElapsedTime(first, last) : TimeSpan.Zero);
    }
}
