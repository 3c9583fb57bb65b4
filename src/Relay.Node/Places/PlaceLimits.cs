namespace Relay.Node.Places;

/// <summary>How many look-ups of a kind may run, and how many of them for whom.</summary>
/// <param name="Total">Look-ups at once.</param>
/// <param name="PerPayer">Of them for one of those who ask.</param>
/// <param name="PerZone">Of them of names that belong together.</param>
/// <param name="Waiting">Look-ups that wait for a place.</param>
/// <param name="YieldTime">One that runs longer than this gives its place to whoever has fewer, when there is no other.</param>
internal sealed record PlaceLimits(int Total, int PerPayer, int PerZone, int Waiting, TimeSpan YieldTime);
