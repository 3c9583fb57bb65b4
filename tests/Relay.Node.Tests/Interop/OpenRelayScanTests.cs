using System.Globalization;
using System.Text.RegularExpressions;
using Relay.Node.Tests.Probes;

namespace Relay.Node.Tests.Interop;

[Trait("Category", "Interop")]
public sealed partial class OpenRelayScanTests
{
    [InteropFact("nmap", NeedsRoot = true)]
    public async Task Nmaps_sixteen_probes_from_a_stranger_are_all_refused()
    {
        await using var world = await ProbeWorld.StartAsync();
        var output = await ScanAsync(world, "127.0.0.9");
        Assert.Contains("smtp-open-relay: Server doesn't seem to be an open relay, all tests failed", output, StringComparison.Ordinal);
        await world.NothingHappenedAsync();
    }

    // Else the result above could be that of a scan that cannot find anything.
    [InteropFact("nmap", NeedsRoot = true)]
    public async Task Nmap_finds_that_a_trusted_client_may_relay()
    {
        await using var world = await ProbeWorld.StartAsync();
        Assert.Matches(OpenRelay(), await ScanAsync(world, "127.0.0.8"));
    }

    [GeneratedRegex(@"smtp-open-relay: Server is an open relay \(\d+/16 tests\)")]
    private static partial Regex OpenRelay();

    private static async Task<string> ScanAsync(ProbeWorld world, string from)
    {
        var (code, output) = await ForeignProgram.RunAsync(
            "nmap", "-Pn", "-n", "-sT", "-S", from, "-e", "lo", "-p", world.Node.Smtp.Port.ToString(CultureInfo.InvariantCulture),
            "--script", "+smtp-open-relay", "--script-args", "smtp-open-relay.domain=victim.example,smtp-open-relay.ip=127.0.0.1", "-vv", "127.0.0.1");
        Assert.True(code == 0, output);
        return output;
    }
}
