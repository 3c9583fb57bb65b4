using System.Globalization;

namespace Relay.Node.Pressure;

/// <summary>How much memory the process may use: the tightest limit of its control groups, else what the machine has.</summary>
internal static class MemoryLimit
{
    private const string Root = "/sys/fs/cgroup";

    /// <summary>The limit in octets.</summary>
    public static long OfProcess()
    {
        var machine = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        try
        {
            return OperatingSystem.IsLinux() ? Of(File.ReadAllLines("/proc/self/cgroup"), Root, machine) : machine;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return machine; // no such file in this container
        }
    }

    /// <summary>The limit by the control groups of a process.</summary>
    /// <param name="groups">The lines of its <c>cgroup</c> file.</param>
    /// <param name="root">Where control groups are mounted.</param>
    /// <param name="machine">What holds without a limit, in octets.</param>
    public static long Of(IEnumerable<string> groups, string root, long machine)
    {
        long? tightest = null;
        foreach (var group in groups)
        {
            // 0::/system.slice/relay.service of version 2, 7:memory:/docker/ab12 of version 1.
            var parts = group.Split(':', 3);
            if (parts is ["0", "", var unified])
            {
                tightest = Tighter(tightest, Tightest(root, unified, "memory.max"));
            }
            else if (parts is [_, var controllers, var path] && controllers.Split(',').Contains("memory"))
            {
                tightest = Tighter(tightest, Tightest(Path.Combine(root, "memory"), path, "memory.limit_in_bytes"));
            }
        }

        // The runtime takes three quarters of a container for its own heap: without a limit of a group its figure is the machine's.
        return tightest ?? machine;
    }

    private static long? Tightest(string mount, string path, string file)
    {
        long? tightest = null;
        // A container sees its own group as the root, and may still be told the path that it has outside.
        for (var folder = path.Trim('/'); ; folder = Path.GetDirectoryName(folder) ?? string.Empty)
        {
            tightest = Tighter(tightest, Read(Path.Combine(mount, folder, file)));
            if (folder.Length == 0)
            {
                return tightest;
            }
        }
    }

    private static long? Read(string file) =>
        File.Exists(file)
        && long.TryParse(File.ReadAllText(file).AsSpan().Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var octets)
        && octets < long.MaxValue / 2 // version 1 writes "no limit" as a number of pages close to it
            ? octets
            : null;

    private static long? Tighter(long? one, long? other) => one is { } a && other is { } b ? Math.Min(a, b) : one ?? other;
}
