using System.Collections.Concurrent;
using Relay.Flood.Load;

namespace Relay.Flood.Attacks;

/// <summary>What an attack did and what it got. Thread-safe.</summary>
internal sealed class AttackTally
{
    private readonly ConcurrentDictionary<int, long> _admitted = new();
    private readonly ConcurrentDictionary<int, bool> _attackers = new();
    private long _due;
    private long _begun;
    private long _connections;
    private long _broken;
    private long _landed;

    /// <summary>Attempts that were due.</summary>
    public long Due => Interlocked.Read(ref _due);

    /// <summary>Of them those that were made; the others came while everybody was busy or kept waiting.</summary>
    public long Begun => Interlocked.Read(ref _begun);

    /// <summary>Connections that were opened.</summary>
    public long Connections => Interlocked.Read(ref _connections);

    /// <summary>Conversations that ended without a reply: cut, refused by the system, too late.</summary>
    public long Broken => Interlocked.Read(ref _broken);

    /// <summary>Attackers that came at least once.</summary>
    public int Attackers => _attackers.Count;

    /// <summary>Attempts that got as far as the attack aims: without any there was none.</summary>
    public long Landed => Interlocked.Read(ref _landed);

    /// <summary>What was said to the attackers, by code.</summary>
    public ReplyTally Replies { get; } = new();

    /// <summary>Messages of all attackers that were admitted at MAIL.</summary>
    public long Admitted => _admitted.Values.Sum();

    /// <summary>The same of the attacker that got the most.</summary>
    public long AdmittedOfOneMax => _admitted.Values.DefaultIfEmpty().Max();

    public void CountDue(long attempts = 1) => Interlocked.Add(ref _due, attempts);

    public void CountBegun(long attempts = 1) => Interlocked.Add(ref _begun, attempts);

    public void CountConnection(int attacker)
    {
        Interlocked.Increment(ref _connections);
        _attackers.TryAdd(attacker, true);
    }

    public void CountLanded() => Interlocked.Increment(ref _landed);

    public void CountBroken() => Interlocked.Increment(ref _broken);

    public void CountAdmitted(int attacker) => _admitted.AddOrUpdate(attacker, 1, static (_, count) => count + 1);
}
