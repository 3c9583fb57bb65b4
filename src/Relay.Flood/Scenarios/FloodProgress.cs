namespace Relay.Flood.Scenarios;

/// <summary>How far a run is.</summary>
/// <param name="Scenario">The scenario's name.</param>
/// <param name="Phase">What it is at.</param>
/// <param name="Fraction">Of the scenario's time, 0 to 1.</param>
/// <param name="Accepted">Legitimate messages accepted so far.</param>
/// <param name="P99">Of those that were due in the last seconds, in milliseconds; null when there were none.</param>
public sealed record FloodProgress(string Scenario, string Phase, double Fraction, long Accepted, double? P99);
