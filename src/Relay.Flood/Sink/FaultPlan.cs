using Relay.Smtp.Replies;

namespace Relay.Flood.Sink;

/// <summary>What to do at a place this time.</summary>
/// <param name="IsDrop">Close without a reply.</param>
/// <param name="Refusal">Answer with this; null: go on as if nothing were planned.</param>
internal readonly record struct FaultDecision(bool IsDrop, SmtpReply? Refusal);

/// <summary>Which faults and drops apply where, and how often. Immutable, shared by all connections.</summary>
internal sealed class FaultPlan
{
    private readonly SmtpReply[][] _refusals;
    private readonly SinkPlace? _dropAt;
    private readonly double _rate;
    private readonly ulong _seed;

    public FaultPlan(SinkSettings settings, long seed)
    {
        _refusals = new SmtpReply[(int)SinkPlace.AfterDot + 1][];
        for (var place = SinkPlace.Connect; place <= SinkPlace.AfterDot; place++)
        {
            _refusals[(int)place] = [.. settings.Faults.Where(f => f.Place == place).Select(f => f.Reply)];
        }

        _dropAt = settings.DropAt;
        _rate = settings.Rate;
        _seed = (ulong)seed;
    }

    /// <summary>Is anything planned at this place?</summary>
    public bool Concerns(SinkPlace place) => _dropAt == place || _refusals[(int)place].Length > 0;

    /// <summary>The chance of one connection: its own sequence, so that no other connection's pace changes it.</summary>
    /// <param name="connection">1 for the first connection.</param>
    public FaultChance ChanceFor(long connection) => new(_seed, (ulong)connection);

    /// <summary>Decides for one visit of a place.</summary>
    public FaultDecision Decide(SinkPlace place, ref FaultChance chance)
    {
        if (_dropAt == place && Applies(ref chance))
        {
            return new FaultDecision(IsDrop: true, null);
        }

        var refusals = _refusals[(int)place];
        if (refusals.Length == 0 || !Applies(ref chance))
        {
            return default;
        }

        return new FaultDecision(IsDrop: false, refusals.Length == 1 ? refusals[0] : refusals[chance.NextBelow(refusals.Length)]);
    }

    private bool Applies(ref FaultChance chance) => _rate >= 1 || chance.NextUnit() < _rate;
}
