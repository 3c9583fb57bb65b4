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
    [InlineData("akka.coordinated-shutdown.run-by-clr-shutdown-hook = on", "akka.coordinated-shutdown.run-by-clr-shutdown-hook: is off, and nothing else")]
    [InlineData("akka.loggers = [\"Akka.Event.DefaultLogger\"]", "akka.loggers: is the program's and cannot be set")]
    [InlineData("akka.cluster.seed-nodes = []", "akka.cluster.seed-nodes: belongs into the node's settings (Cluster:Address, Cluster:Seeds, Cluster:Roles)")]
    public async Task A_key_that_is_not_the_files_own_is_refused(string line, string problem)
    {
        await WriteAsync($"{Shipped}\n{line}\n");

        Assert.Equal($"{FilePath}: {problem}", await RefuseAsync());
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
