using Relay.Node.Cluster;
using Relay.Node.CommandLine;

namespace Relay.Node.Tests.Cluster;

public sealed class ClusterFileTests : IDisposable
{
    private static readonly string Shipped = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, ClusterFile.FileName));

    private readonly string _folder = Directory.CreateTempSubdirectory("relay-hocon-").FullName;

    private string FilePath => Path.Combine(_folder, ClusterFile.FileName);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task The_file_that_lies_beside_the_program_is_taken()
    {
        var file = await ClusterFile.LoadAsync([_folder, AppContext.BaseDirectory], CancellationToken.None);

        Assert.Equal(Path.Combine(AppContext.BaseDirectory, ClusterFile.FileName), file.Path);
        Assert.Equal(Shipped, file.Text);
    }

    [Fact]
    public async Task Without_any_file_there_is_no_text()
    {
        var file = await ClusterFile.LoadAsync([_folder], CancellationToken.None);

        Assert.Null(file.Text);
    }

    [Fact]
    public async Task Comments_and_quotes_may_hold_any_bracket()
    {
        await WriteAsync(Shipped + "\n# } ] \"\n// { [ \"\nakka.a = \"{ \\\" [\"\nakka.b = \"\"\"}\n\" ] \"\"\"\nakka.c = [ { d = 1 } ]\n");

        var file = await ClusterFile.LoadAsync([_folder], CancellationToken.None);

        Assert.NotNull(file.Text);
    }

    [Theory]
    [InlineData("akka { actor { \n remote = \"", "line 2: a quote is not closed")]
    [InlineData("akka {\n actor {\n }\n", "line 1: { is not closed: was the file cut off?")]
    [InlineData("akka {\n a = [ 1 }\n", "line 2: } does not close the [ of line 2")]
    [InlineData("akka { }\n}", "line 2: } closes nothing")]
    [InlineData("akka { a = \"\"\"x\n }", "line 1: a quote is not closed")]
    [InlineData("", "holds no akka { }")]
    [InlineData("other { a = 1 }", "holds no akka { }")]
    [InlineData("akka { actor { } }", "akka.actor.ask-timeout is missing: begin with the cluster.hocon that lies beside the program")]
    public async Task A_broken_file_is_refused_with_the_place(string text, string problem)
    {
        await WriteAsync(text);

        Assert.Equal($"{FilePath}: {problem}", await RefuseAsync());
    }

    [Theory]
    [InlineData("akka.actor.provider = remote", "akka.actor.provider: is cluster, and nothing else")]
    [InlineData("akka.cluster.distributed-data.role = \"\"", "akka.cluster.distributed-data.role: is relay, and nothing else")]
    [InlineData("akka.coordinated-shutdown.run-by-clr-shutdown-hook = on", "akka.coordinated-shutdown.run-by-clr-shutdown-hook: is off, and nothing else")]
    [InlineData("akka.loggers = [\"Akka.Event.DefaultLogger\"]", "akka.loggers: is the program's and cannot be set")]
    [InlineData("akka.cluster.seed-nodes = []", "akka.cluster.seed-nodes: belongs into the node's settings (Cluster:Address, Cluster:Seeds, Cluster:Roles, Cluster:Tls)")]
    public async Task A_key_that_is_not_the_files_own_is_refused(string line, string problem)
    {
        await WriteAsync($"{Shipped}\n{line}\n");

        Assert.Equal($"{FilePath}: {problem}", await RefuseAsync());
    }

    [Theory]
    [InlineData(
        "akka.cluster.split-brain-resolver.active-strategy = keep-mayority",
        "akka.cluster.split-brain-resolver.active-strategy: \"keep-mayority\" is not one of keep-majority, keep-oldest, static-quorum, down-all; did you mean keep-majority?")]
    [InlineData("akka.cluster.split-brain-resolver.stable-after = -1s", "akka.cluster.split-brain-resolver.stable-after: \"-1s\" is not a time like 5s or 500ms")]
    [InlineData("akka.cluster.failure-detector.heartbeat-interval = 5", "akka.cluster.failure-detector.heartbeat-interval: \"5\" is not a time like 5s or 500ms")]
    [InlineData("akka.cluster.failure-detector.threshold = high", "akka.cluster.failure-detector.threshold: \"high\" is not a number")]
    [InlineData("akka.cluster.down-removal-margin = soon", "akka.cluster.down-removal-margin: \"soon\" is not a time like 5s, on or off")]
    [InlineData("akka.cluster.sharding.remember-entities = on", "akka.cluster.sharding.remember-entities: \"on\" is not one of off")]
    [InlineData("akka.cluster.sharding.buffer-size = 2k", "akka.cluster.sharding.buffer-size: \"2k\" is not a whole number")]
    [InlineData("akka.cluster.distributed-data.gossip-interval = [1s]", "akka.cluster.distributed-data.gossip-interval: expected one value")]
    [InlineData("akka.cluster.sharding.distributed-data.durable.keys = all", "akka.cluster.sharding.distributed-data.durable.keys: expected a list in [ ]")]
    [InlineData(
        "akka.cluster.distributed-data.durable.keys = [\"a*\"]",
        "akka.cluster.distributed-data.durable.keys: must be []: what is kept on disk that way cannot be read back, and everything would wait for it")]
    [InlineData("akka.cluster.split-brain-resolver.keep-oldest = 1", "akka.cluster.split-brain-resolver.keep-oldest: is a section, not a value")]
    [InlineData("akka.cluster.downing-provider-class = \"Akka.None, Akka\"", "akka.cluster.downing-provider-class: \"Akka.None, Akka\" names no type of this program")]
    [InlineData("akka.remote.dot-netty.tcp.maximum-frame-size = big", "akka.remote.dot-netty.tcp.maximum-frame-size: \"big\" is not a size like 128000b")]
    [InlineData("akka.cluster.seed-node-timeuot = 1s", "akka.cluster.seed-node-timeuot: unknown key; did you mean seed-node-timeout?")]
    [InlineData("akka.cluster.sharding.handof-timeout = 1s", "akka.cluster.sharding.handof-timeout: unknown key; did you mean handoff-timeout?")]
    [InlineData("akka.cluster.colour { red = 1 }", "akka.cluster.colour: unknown key; Akka has none of this name in akka.cluster")]
    public async Task A_wrong_value_and_an_unknown_key_of_the_cluster_are_refused_with_the_key(string line, string problem)
    {
        await WriteAsync($"{Shipped}\n{line}\n");

        Assert.Equal($"{FilePath}: {problem}", await RefuseAsync());
    }

    [Fact]
    public async Task What_Akka_takes_is_taken()
    {
        await WriteAsync($"{Shipped}\nakka.cluster {{ role.relay.min-nr-of-members = 2, down-removal-margin = off, min-nr-of-members = 1, singleton.hand-over-retry-interval = 1s }}\n");

        var file = await ClusterFile.LoadAsync([_folder], CancellationToken.None);

        Assert.NotNull(file.Text);
    }

    [Fact]
    public async Task What_is_fixed_may_be_said_once_more()
    {
        await WriteAsync($"{Shipped}\nakka.coordinated-shutdown {{ exit-clr = off, run-by-clr-shutdown-hook = false }}\n");

        var file = await ClusterFile.LoadAsync([_folder], CancellationToken.None);

        Assert.NotNull(file.Text);
    }

    [Fact]
    public async Task Every_cut_of_the_file_is_refused()
    {
        var end = Shipped.LastIndexOf('}');
        for (var length = 0; length < end; length += 7)
        {
            await WriteAsync(Shipped[..length]);
            await RefuseAsync();
        }
    }

    [Fact]
    public async Task Bytes_that_are_no_text_are_refused()
    {
        await File.WriteAllBytesAsync(FilePath, [0x7f, 0x45, 0x4c, 0x46, 0xff, 0x00, 0x1b]);

        Assert.Equal($"{FilePath}: not UTF-8 text", await RefuseAsync());
    }

    [Fact]
    public async Task What_the_file_holds_moves_no_cursor()
    {
        await WriteAsync("akka { a = ${\u001b[2J } }");

        Assert.DoesNotContain('\u001b', await RefuseAsync());
    }

    private Task WriteAsync(string text) => File.WriteAllTextAsync(FilePath, text);

    private async Task<string> RefuseAsync() =>
        (await Assert.ThrowsAsync<CommandException>(() => ClusterFile.LoadAsync([_folder], CancellationToken.None))).Message;
}
