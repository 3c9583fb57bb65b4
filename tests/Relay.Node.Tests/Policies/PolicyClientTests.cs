using Microsoft.Extensions.DependencyInjection;
using Relay.Actors.Cluster;
using Relay.Actors.Policy;
using Relay.Node.Cluster;
using Relay.Node.Settings;
using Relay.Node.Tests.EndToEnd;
using Relay.Node.Tests.Interop;
using Relay.TestKit;

namespace Relay.Node.Tests.Policies;

/// <summary>samples/PolicyClient, in a process of its own, and three nodes.</summary>
public sealed class PolicyClientTests
{
    [Fact]
    public async Task A_program_that_joins_as_a_client_applies_a_policy_on_every_node()
    {
        await using var trio = await NodeTrio.StartAsync("""{ "acceptedDomains": ["first.example"] }""");

        var (code, output) = await RunAsync(trio, """{ "acceptedDomains": ["second.example"] }""");

        Assert.True(code == 0, output);
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        // And nothing else: the nodes tell a program that only joins nothing that it could not read.
        Assert.True(lines.Length == 4, output);
        Assert.Equal(["a: in force after ", "b: in force after ", "c: in force after "], lines[..3].Select(static line => line[..18]));
        Assert.Equal("version 2: 3/3 nodes", lines[3]);
        Assert.All(trio.All, node => Assert.Equal(2, VersionOf(node)));
        Assert.All(trio.All, static node => Assert.Equal(
            ClusterRoles.Relay, node.Services.GetRequiredService<RelaySystemHost>().Current!.Settings.Config.GetString("akka.cluster.distributed-data.role")));
    }

    private static async Task<(int Code, string Output)> RunAsync(NodeTrio trio, string policy)
    {
        var file = Path.Combine(trio[0].Folder, "new.json");
        await File.WriteAllTextAsync(file, policy);
        var node = trio[1].Services.GetRequiredService<NodeSettings>().Cluster.Address;
        // Built beside the tests: bin/CONFIGURATION/FRAMEWORK as theirs is.
        var built = Path.GetRelativePath(Path.Combine(RepositoryFolder.Path, "tests", "Relay.Node.Tests"), AppContext.BaseDirectory);
        var program = Path.Combine(RepositoryFolder.Path, "samples", "PolicyClient", built, "PolicyClient.dll");
        return await ForeignProgram.RunAsync("dotnet", program, node.ToString(), file);
    }

    private static long VersionOf(RunningNode node) => node.Services.GetRequiredService<PolicyAgent>().Current.Version;
}
