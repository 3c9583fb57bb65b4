using Relay.Actors.Pressure;
using Relay.Spool;
using Relay.Spool.Disks;

namespace Relay.Node.Pressure;

/// <summary>What the signals of pressure are read from.</summary>
/// <param name="Spool">The spool.</param>
/// <param name="SpoolSettings">What it is.</param>
/// <param name="Disk">Its disk.</param>
/// <param name="Queue">Reads how full the queue is, from 0 to 1.</param>
/// <param name="UnderWay">Reads how much of what may be on its way is, from 0 to 1.</param>
internal sealed record PressureSources(SpoolStore Spool, SpoolSettings SpoolSettings, IDisk Disk, Func<double> Queue, Func<double> UnderWay);

/// <summary>Reads all signals of a node.</summary>
internal interface IPressureProbes
{
    /// <summary>Reads every signal once.</summary>
    /// <param name="sources">What is read.</param>
    /// <param name="values">Takes the values, in the order of <see cref="PressureSignals.All"/>; NaN for what cannot be had.</param>
    void Read(PressureSources sources, Span<double> values);
}

/// <summary>Reads the signals as they are.</summary>
internal sealed class PressureProbes(TimeProvider time) : IPressureProbes
{
    /// <summary>Reads of the file system between which the last one is good enough.</summary>
    private const int DiskEvery = 4;

    private readonly long _memoryMax = MemoryLimit.OfProcess();
    private readonly ThreadLag _lag = new(time);
    private readonly CommitAverage _commits = new();
    private double _diskFree = double.NaN;
    private double _inodes = double.NaN;
    private int _reads;

    public void Read(PressureSources sources, Span<double> values)
    {
        if (_reads++ % DiskEvery == 0)
        {
            ReadDisk(sources);
        }

        var usage = sources.Spool.Usage;
        var room = sources.SpoolSettings.EntryBytesMax;
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = PressureSignals.All[i] switch
            {
                var signal when signal == PressureSignals.Spool => Percent(room - usage.RoomBytes, room),
                var signal when signal == PressureSignals.DiskFree => _diskFree,
                var signal when signal == PressureSignals.Inodes => _inodes,
                var signal when signal == PressureSignals.Queue => sources.Queue() * 100,
                var signal when signal == PressureSignals.UnderWay => sources.UnderWay() * 100,
                var signal when signal == PressureSignals.Commit => _commits.Take(sources.Spool.Commits),
                var signal when signal == PressureSignals.Pending => Percent(usage.PendingBytes, sources.SpoolSettings.PendingBytesMax),
                var signal when signal == PressureSignals.Memory => Percent(Environment.WorkingSet, _memoryMax),
                var signal when signal == PressureSignals.Threads => _lag.Probe(),
                _ => double.NaN,
            };
        }
    }

    private static double Percent(long part, long whole) => whole <= 0 ? 100 : 100.0 * part / whole;

    private void ReadDisk(PressureSources sources)
    {
        try
        {
            var directory = sources.SpoolSettings.Directory;
            _diskFree = Percent(sources.Disk.FreeBytes(directory), sources.SpoolSettings.QuotaBytes);
            _inodes = sources.Disk.FreeFiles(directory) ?? double.NaN;
        }
        catch (IOException)
        {
            // A disk that does not even say how full it is fails writes too, and that is said aloud there.
            (_diskFree, _inodes) = (double.NaN, double.NaN);
        }
    }
}
