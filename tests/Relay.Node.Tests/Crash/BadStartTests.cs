using System.Net;
using System.Net.Sockets;

namespace Relay.Node.Tests.Crash;

public sealed class BadStartTests
{
    [Theory]
    [InlineData("""{ "relay": { "netwroks": [] } }""", "relay.netwroks", "networks")]
    [InlineData("""{ "relay": { "networks": ["10/8"] } }""", "relay.networks[0]", "10/8")]
    [InlineData("""{ "penalty": { "for": "1" } }""", "penalty.for", "is not a time")]
    [InlineData("""{ "relay": { "listeners": ["internal"] } }""", "relay.listeners[0]", "internal")]
    [InlineData("not a policy", "1", "policy.json")]
    public async Task A_bad_policy_stops_the_start_and_says_where(string policy, string key, string says)
    {
        var folder = Directory.CreateTempSubdirectory("relay-bad-").FullName;
        var file = Path.Combine(folder, "policy.json");
        await File.WriteAllTextAsync(file, policy);
        var (code, output) = await RelayProcess.RunAsync(
            "run", $"--Node:DataDirectory={folder}/data", $"--PolicyFile={file}", "--Admin:Address=127.0.0.1:0", "--Listeners:0:Address=127.0.0.1:0");
        Assert.Equal(1, code);
        Assert.Contains(key, output, StringComparison.Ordinal);
        Assert.Contains(says, output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_device_that_is_not_there_stops_the_start_and_names_file_and_key()
    {
        var folder = Directory.CreateTempSubdirectory("relay-bad-").FullName;
        await File.WriteAllTextAsync(
            Path.Combine(folder, "relay.json"), """
            {
              "Listeners": [ { "Address": "127.0.0.1:0", "Device": "no-such-device" } ], "Admin": { "Address": "127.0.0.1:0" }
            }
            """);
        var (code, output) = await RelayProcess.RunAsync("run", $"--config={folder}/relay.json");
        Assert.Equal(1, code);
        AssertOneLine($"{folder}/relay.json:2: Listeners:0:Device: \"no-such-device\" is no network device of this machine; there are ", output);
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData("Listeners:0:Address", "Admin:Address")]
    [InlineData("Admin:Address", "Listeners:0:Address")]
    public async Task A_port_that_is_taken_stops_the_start_and_is_a_wrong_setting(string key, string other)
    {
        var folder = Directory.CreateTempSubdirectory("relay-bad-").FullName;
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var (code, output) = await RelayProcess.RunAsync(
            "run", $"--Node:DataDirectory={folder}/data", $"--{other}=127.0.0.1:0", $"--{key}={taken.LocalEndpoint}");
        Assert.Equal(2, code);
        AssertOneLine($"command line: {key}: cannot listen on {taken.LocalEndpoint}: another program does already", output);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_cluster_file_that_was_cut_off_stops_the_start()
    {
        var folder = Directory.CreateTempSubdirectory("relay-bad-").FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "relay.json"), "{}");
        await File.WriteAllTextAsync(Path.Combine(folder, "cluster.hocon"), "akka { actor { \n remote = \"");
        var (code, output) = await RelayProcess.RunAsync(
            "run", $"--config={folder}/relay.json", "--Admin:Address=127.0.0.1:0", "--Listeners:0:Address=127.0.0.1:0");
        Assert.Equal(1, code);
        Assert.Equal($"relay: {folder}/cluster.hocon: line 2: a quote is not closed", output.Trim());
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_second_node_on_the_same_data_is_refused()
    {
        var folder = Directory.CreateTempSubdirectory("relay-two-").FullName;
        string[] arguments = ["run", $"--Node:DataDirectory={folder}/data", "--Admin:Address=127.0.0.1:0", "--Listeners:0:Address=127.0.0.1:0"];
        await using (await RelayProcess.StartAsync(arguments))
        {
            var (code, output) = await RelayProcess.RunAsync(arguments);
            Assert.Equal(1, code);
            Assert.Contains($"{folder}/data/spool", output, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
        }

        Directory.Delete(folder, recursive: true);
    }

    // Beside what the spool says when it is open.
    private static void AssertOneLine(string line, string output) => Assert.StartsWith(
        line,
        Assert.Single(output.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => !line.Contains(" INF spool replayed: ", StringComparison.Ordinal)),
        StringComparison.Ordinal);
}
