namespace Relay.Node.Logging.Refusals;

/// <summary>How much of the log refusals may take, whoever causes them.</summary>
internal sealed record RefusalLimits
{
    /// <summary>How long refusals are counted before their sums are written.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Lines of their own that refusals of one client by one rule get in an interval; the others are a sum.</summary>
    public int LinesPerRule { get; init; } = 10;

    /// <summary>Lines of their own that all refusals of the node get in an interval.</summary>
    public int LinesMax { get; init; } = 500;

    /// <summary>Clients and rules that are told apart in an interval; refusals of more are one number.</summary>
    public int TrackedMax { get; init; } = 10_000;

    /// <summary>Sums written at the end of an interval, the largest ones; the others are one number.</summary>
    public int SumsMax { get; init; } = 100;
}
