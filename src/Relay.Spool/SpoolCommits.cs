namespace Relay.Spool;

/// <summary>What commits have taken since the spool was opened: from the write of a batch to the end of its sync.</summary>
/// <param name="Count">Commits that have ended, well or badly.</param>
/// <param name="Total">The time that these took.</param>
/// <param name="Current">How long the one that is on has taken so far; zero when none is.</param>
public readonly record struct SpoolCommits(long Count, TimeSpan Total, TimeSpan Current);
