namespace Relay.TestKit.Disks;

/// <summary>The simulated machine or process has stopped: nothing that was going on may catch this and go on.</summary>
public sealed class SimulatedCrashException : Exception
{
    /// <summary>Says at which operation it stopped.</summary>
    public SimulatedCrashException(string operation)
        : base($"The simulation stopped at: {operation}")
    {
    }
}
