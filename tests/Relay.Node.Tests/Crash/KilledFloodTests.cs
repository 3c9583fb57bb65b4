using System.Globalization;
using Relay.TestKit;

namespace Relay.Node.Tests.Crash;

/// <summary>A flood that does not come to its end, with a node of its own.</summary>
public sealed class KilledFloodTests : IDisposable
{
    // 128 + SIGINT, whichever signal it was.
    private const int Interrupted = 130;
    private readonly string _folder = Directory.CreateTempSubdirectory("relay-killed-flood-").FullName;

    /// <summary>The signals that end a process: not those that it was started to ignore, as shells start what runs in the background, and as nohup does.</summary>
    public static TheoryData<string> Signals =>
        [.. new[] { (Name: "INT", Number: 2), (Name: "TERM", Number: 15), (Name: "HUP", Number: 1) }.Where(static signal => !IsIgnored(signal.Number)).Select(static signal => signal.Name)];

    [Theory]
    [MemberData(nameof(Signals))]
    public async Task A_flood_that_is_told_to_stop_twice_in_its_first_moment_leaves_nothing_behind(string signal)
    {
        await using var flood = Begin();
        await Eventually.TrueAsync(() => Directory.EnumerateDirectories(_folder).Any(), () => flood.Output);
        flood.Signal(signal);
        flood.Signal(signal);

        Assert.Equal((Interrupted, "relay: interrupted: only scenarios that had ended are reported"), (await flood.EndAsync(), flood.Output.Trim()));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder));
        Assert.Empty(Nodes());
    }

    [Fact]
    public async Task The_nodes_of_a_flood_that_is_killed_end_by_themselves()
    {
        await using (var flood = Begin())
        {
            await Eventually.TrueAsync(
                () => Directory.EnumerateFiles(_folder, "admin.token", SearchOption.AllDirectories).Any(), () => flood.Output);
            Assert.Single(Nodes());
            await flood.KillAsync();
        }

        await Eventually.TrueAsync(() => Nodes().Count == 0, () => string.Join('\n', Nodes()));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static bool IsIgnored(int signal)
    {
        const string Field = "SigIgn:";
        var mask = File.ReadLines("/proc/self/status").First(static line => line.StartsWith(Field, StringComparison.Ordinal))[Field.Length..];
        return ((ulong.Parse(mask, NumberStyles.HexNumber | NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture) >> (signal - 1)) & 1) == 1;
    }

    private RelayProcess Begin() => RelayProcess.Begin("flood", "baseline", "--nodes", "1", "--seconds", "60", "--data", _folder);

    /// <summary>The command lines of nodes with settings below the folder.</summary>
    private List<string> Nodes()
    {
        var lines = new List<string>();
        foreach (var process in Directory.EnumerateDirectories("/proc").Where(name => char.IsAsciiDigit(Path.GetFileName(name)[0])))
        {
            try
            {
                var line = File.ReadAllText(Path.Combine(process, "cmdline")).Replace('\0', ' ');
                if (line.Contains($"{_folder}/relay-flood-", StringComparison.Ordinal))
                {
                    lines.Add(line);
                }
            }
            catch (IOException)
            {
                // It has ended meanwhile.
            }
        }

        return lines;
    }
}
