namespace Relay.Node.Listeners;

/// <summary>What a connection is waiting for.</summary>
internal enum ConnectionWait
{
    /// <summary>For us: no limit of the client's.</summary>
    Us,

    /// <summary>For the client's next command.</summary>
    Command,

    /// <summary>For the client's body.</summary>
    Body,

    /// <summary>For the next chunk of a body that comes in chunks.</summary>
    Chunk,

    /// <summary>For the end of a TLS handshake.</summary>
    Handshake,

    /// <summary>For the client to take what we wrote.</summary>
    Write,
}

/// <summary>What a sweep finds.</summary>
internal enum DeadlineFinding
{
    /// <summary>In time.</summary>
    InTime,

    /// <summary>The client is too slow in what it says: it is told, and closed.</summary>
    TooSlow,

    /// <summary>The client takes nothing: the connection is cut.</summary>
    Stalled,

    /// <summary>The client does not come to the end of a handshake: the connection is cut.</summary>
    HandshakeLate,
}

/// <summary>The time limit of one connection: written by its loop, read by the sweep. No timer of its own, so that it costs a few fields.</summary>
internal struct ConnectionDeadline
{
    private long _since;
    private long _bodySince;
    private long _leftAt;
    private bool _hasBody;
    private long _bodyBytes;
    private int _wait;
    private int _outer;

    /// <summary>From now on the connection waits for the client's next command.</summary>
    public void AwaitCommand(long now)
    {
        (_hasBody, _leftAt) = (false, 0);
        Volatile.Write(ref _since, now);
        Volatile.Write(ref _wait, (int)ConnectionWait.Command);
    }

    /// <summary>From now on the connection waits for a body, or for more of it.</summary>
    public void AwaitBody(long now)
    {
        GoOnWithBody(now);
        Volatile.Write(ref _wait, (int)ConnectionWait.Body);
    }

    /// <summary>From now on the connection waits for the next chunk: for as long as for a command, and the time is the body's.</summary>
    public void AwaitChunk(long now)
    {
        GoOnWithBody(now);
        Volatile.Write(ref _since, now);
        Volatile.Write(ref _wait, (int)ConnectionWait.Chunk);
    }

    /// <summary>From now on the connection waits for the end of a TLS handshake.</summary>
    public void AwaitHandshake(long now)
    {
        Volatile.Write(ref _since, now);
        Volatile.Write(ref _wait, (int)ConnectionWait.Handshake);
    }

    /// <summary>Octets of the body have come.</summary>
    public void BodyArrived(long bytes) => Volatile.Write(ref _bodyBytes, _bodyBytes + bytes);

    /// <summary>From now on the client waits for us.</summary>
    public void AwaitUs(long now)
    {
        Volatile.Write(ref _wait, (int)ConnectionWait.Us);
        _leftAt = _leftAt == 0 ? now : _leftAt;
    }

    /// <summary>A write begins; <see cref="EndWrite"/> returns to what was awaited before.</summary>
    public void BeginWrite(long now)
    {
        _outer = _wait;
        Volatile.Write(ref _since, now);
        Volatile.Write(ref _wait, (int)ConnectionWait.Write);
    }

    /// <summary>The write is over.</summary>
    public void EndWrite() => Volatile.Write(ref _wait, _outer);

    /// <summary>Judges the client's pace.</summary>
    /// <param name="now">The time, as <see cref="TimeProvider.GetTimestamp"/> gives it.</param>
    /// <param name="time">The clock that the timestamps are of.</param>
    /// <param name="limits">The limits.</param>
    public readonly DeadlineFinding Judge(long now, TimeProvider time, ConnectionTimes limits)
    {
        switch ((ConnectionWait)Volatile.Read(in _wait))
        {
            case ConnectionWait.Command:
                return time.GetElapsedTime(Volatile.Read(in _since), now) > limits.Command
                    ? DeadlineFinding.TooSlow
                    : DeadlineFinding.InTime;
            case ConnectionWait.Body:
                return IsBodySlow(now, time, limits) ? DeadlineFinding.TooSlow : DeadlineFinding.InTime;
            case ConnectionWait.Chunk:
                return time.GetElapsedTime(Volatile.Read(in _since), now) > limits.Command || IsBodySlow(now, time, limits)
                    ? DeadlineFinding.TooSlow
                    : DeadlineFinding.InTime;
            case ConnectionWait.Write:
                return time.GetElapsedTime(Volatile.Read(in _since), now) > limits.Write
                    ? DeadlineFinding.Stalled
                    : DeadlineFinding.InTime;
            case ConnectionWait.Handshake:
                return time.GetElapsedTime(Volatile.Read(in _since), now) > limits.Handshake
                    ? DeadlineFinding.HandshakeLate
                    : DeadlineFinding.InTime;
            default:
                return DeadlineFinding.InTime;
        }
    }

    private readonly bool IsBodySlow(long now, TimeProvider time, ConnectionTimes limits)
    {
        var elapsed = time.GetElapsedTime(Volatile.Read(in _bodySince), now);
        return elapsed > limits.BodyGrace && Volatile.Read(in _bodyBytes) < elapsed.TotalSeconds * limits.BodyRateMin;
    }

    // The client does not answer for our time: a body began so much later. One word is written, so the sweep never sees half of it.
    private void GoOnWithBody(long now)
    {
        if (!_hasBody)
        {
            _hasBody = true;
            Volatile.Write(ref _bodyBytes, 0);
            Volatile.Write(ref _bodySince, now);
        }
        else if (_leftAt != 0)
        {
            Volatile.Write(ref _bodySince, _bodySince + (now - _leftAt));
        }

        _leftAt = 0;
    }
}
