namespace Relay.TestKit.Disks;

/// <summary>How likely each trouble is, for every single operation.</summary>
/// <param name="Crash">Everything stops.</param>
/// <param name="WriteError">A write fails; a part of it may have reached the cache.</param>
/// <param name="SyncError">A sync fails; what it should have saved is lost but still readable, and the next sync succeeds (Linux).</param>
/// <param name="NameError">Making, renaming or removing a file, or syncing the folder, fails.</param>
public sealed record DiskFaults(double Crash = 0, double WriteError = 0, double SyncError = 0, double NameError = 0)
{
    /// <summary>A disk that works.</summary>
    public static DiskFaults None { get; } = new();
}
