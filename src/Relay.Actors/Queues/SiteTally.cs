namespace Relay.Actors.Queues;

/// <summary>Whether attempts are begun to a site.</summary>
internal enum SiteCondition
{
    /// <summary>They are, when there is something to carry.</summary>
    Active,

    /// <summary>Not for a while, because it could not be reached.</summary>
    Parked,

    /// <summary>Not for a while, by an operator's wish.</summary>
    Paused,
}

/// <summary>How many sites are in each condition. The sites keep it up to date themselves, so that nobody has to look at all of them.</summary>
internal sealed class SiteTally
{
    private readonly int[] _counts = new int[Enum.GetValues<SiteCondition>().Length];

    public int this[SiteCondition condition] => _counts[(int)condition];

    public void Add(SiteCondition condition) => _counts[(int)condition]++;

    public void Remove(SiteCondition condition) => _counts[(int)condition]--;
}
