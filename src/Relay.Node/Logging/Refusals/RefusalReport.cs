namespace Relay.Node.Logging.Refusals;

/// <summary>Refusals of one interval that got no line of their own.</summary>
/// <param name="Sums">Those of one client by one rule each, the largest sums first.</param>
/// <param name="Rest">All others; null when there are none.</param>
internal sealed record RefusalReport(IReadOnlyList<RefusalSum> Sums, RefusalSum? Rest);

/// <summary>Several refusals in one line.</summary>
/// <param name="Count">How many.</param>
/// <param name="Last">The last one of them.</param>
internal readonly record struct RefusalSum(long Count, RefusalFacts Last);
