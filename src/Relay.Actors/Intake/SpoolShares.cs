namespace Relay.Actors.Intake;

/// <summary>Who has how much of the spool. Thread-safe: the queue tells what it stores and drops, the intake what it holds.</summary>
/// <remarks>A sender is known while it has anything, so the table is bounded by the messages and mails there are.</remarks>
public sealed class SpoolShares
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ShareKey, SpoolShare> _shares = [];
    private long _storedBytes;
    private long _heldOfStrangers;
    private long _heldOfTrusted;
    private int _senders;

    /// <summary>Octets of all mail in the queue.</summary>
    public long StoredBytes => Interlocked.Read(ref _storedBytes);

    /// <summary>Octets held for all mail on its way; 0 when idle (I4).</summary>
    public long HeldBytes => Interlocked.Read(ref _heldOfStrangers) + Interlocked.Read(ref _heldOfTrusted);

    /// <summary>Senders that have anything.</summary>
    public int Senders
    {
        get
        {
            lock (_lock)
            {
                return _senders;
            }
        }
    }

    private HeldRoom Held => new(_heldOfStrangers, _heldOfTrusted);

    /// <summary>What a sender has now; null when it has nothing.</summary>
    public SpoolShare? Find(ShareKey key)
    {
        lock (_lock)
        {
            return _shares.GetValueOrDefault(key);
        }
    }

    /// <summary>A message is in the queue.</summary>
    /// <returns>The share that it uses, for <see cref="Drop"/>.</returns>
    public SpoolShare Store(ShareKey key, long bytes)
    {
        lock (_lock)
        {
            var share = FindOrMake(key);
            Store(share, bytes, 1);
            return share;
        }
    }

    /// <summary>A message has left the queue, delivered or not.</summary>
    public void Drop(SpoolShare share, long bytes)
    {
        ArgumentNullException.ThrowIfNull(share);
        lock (_lock)
        {
            Store(share, -bytes, -1);
            ForgetIfIdle(share);
        }
    }

    /// <summary>Holds room when a condition allows it, in one step.</summary>
    /// <param name="key">Whose mail it is.</param>
    /// <param name="bytes">The room, in octets.</param>
    /// <param name="judge">Looks at what the sender has and at what is held in all; called under the lock.</param>
    /// <param name="share">The share that holds it; null when it does not.</param>
    /// <returns>What <paramref name="judge"/> said; the room is held on <see cref="Admission.Granted"/>.</returns>
    internal Admission TryHold(ShareKey key, long bytes, Func<SpoolShare, HeldRoom, Admission> judge, out SpoolShare? share)
    {
        lock (_lock)
        {
            share = FindOrMake(key);
            var admission = judge(share, Held);
            if (admission == Admission.Granted)
            {
                Hold(share, bytes, 1);
            }
            else
            {
                ForgetIfIdle(share);
                share = null;
            }

            return admission;
        }
    }

    /// <summary>Holds more for a mail that is on its way.</summary>
    internal Admission TryGrow(SpoolShare share, long bytes, Func<SpoolShare, HeldRoom, Admission> judge)
    {
        lock (_lock)
        {
            var admission = judge(share, Held);
            if (admission == Admission.Granted)
            {
                Hold(share, bytes, 0);
            }

            return admission;
        }
    }

    /// <summary>Gives back a part of what is held for a mail that is on its way.</summary>
    internal void Shrink(SpoolShare share, long bytes)
    {
        lock (_lock)
        {
            Hold(share, -bytes, 0);
        }
    }

    /// <summary>Gives back all that was held for one mail.</summary>
    internal void Release(SpoolShare share, long bytes)
    {
        lock (_lock)
        {
            Hold(share, -bytes, -1);
            ForgetIfIdle(share);
        }
    }

    private void Store(SpoolShare share, long bytes, int messages)
    {
        _storedBytes += bytes;
        for (var part = share; part is not null; part = part.Joint)
        {
            part.StoredBytes += bytes;
            part.StoredMessages += messages;
        }
    }

    private void Hold(SpoolShare share, long bytes, int mails)
    {
        ref var held = ref share.Key.IsTrusted ? ref _heldOfTrusted : ref _heldOfStrangers;
        held += bytes;
        for (var part = share; part is not null; part = part.Joint)
        {
            part.HeldBytes += bytes;
            part.HeldMails += mails;
        }
    }

    private SpoolShare FindOrMake(ShareKey key)
    {
        if (!_shares.TryGetValue(key, out var share))
        {
            share = new SpoolShare(key, key.Joint is { } joint ? FindOrMake(joint) : null);
            _shares.Add(key, share);
            _senders += key.IsJoint ? 0 : 1;
        }

        return share;
    }

    private void ForgetIfIdle(SpoolShare share)
    {
        for (var part = share; part is { Messages: 0 }; part = part.Joint)
        {
            _senders -= _shares.Remove(part.Key) && !part.Key.IsJoint ? 1 : 0;
        }
    }
}

/// <summary>Octets held for mail on its way.</summary>
/// <param name="OfStrangers">For clients that have not logged in and may not relay.</param>
/// <param name="OfTrusted">For all others.</param>
internal readonly record struct HeldRoom(long OfStrangers, long OfTrusted)
{
    /// <summary>For everyone.</summary>
    public long All => OfStrangers + OfTrusted;

    /// <summary>For whoever is trusted, or for strangers.</summary>
    public long Of(bool isTrusted) => isTrusted ? OfTrusted : OfStrangers;
}
