namespace Relay.Flood.Load;

/// <summary>The phases of a run, one after the other, while the legitimate load stays the same.</summary>
/// <param name="WarmUp">Until everything is compiled and connected; nothing of it is judged.</param>
/// <param name="Baseline">Without an attack.</param>
/// <param name="Flood">Beside the attack.</param>
/// <param name="Recovery">After it.</param>
internal sealed record RunPlan(TimeSpan WarmUp, TimeSpan Baseline, TimeSpan Flood, TimeSpan Recovery)
{
    public TimeSpan BaselineStart => WarmUp;

    public TimeSpan FloodStart => WarmUp + Baseline;

    public TimeSpan FloodEnd => FloodStart + Flood;

    public TimeSpan End => FloodEnd + Recovery;

    /// <summary>The phase's name at a moment, for whoever waits.</summary>
    public string NameAt(TimeSpan moment) =>
        moment < BaselineStart ? "warm-up" : moment < FloodStart ? "baseline" : moment < FloodEnd ? "flood" : moment < End ? "recovery" : "draining";
}
