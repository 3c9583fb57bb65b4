using System.Net;
using Relay.Flood.Nodes;
using Relay.Flood.Tests.Sink;

namespace Relay.Flood.Tests.Nodes;

public sealed class LocalClusterTests
{
    private static readonly IPEndPoint Nobody = new(IPAddress.Loopback, 1);

    [Fact]
    public async Task A_start_that_is_interrupted_at_once_leaves_no_folder()
    {
        using var folder = new TestFolder();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => StartAsync(folder, "none", new CancellationToken(canceled: true)));
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Fact]
    public async Task Nodes_that_do_not_start_are_told_with_their_last_words_and_leave_no_folder()
    {
        using var folder = new TestFolder();
        var failed = await Assert.ThrowsAsync<IOException>(() => StartAsync(folder, "ls", CancellationToken.None));
        Assert.StartsWith("node-1 did not start: ", failed.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    private static Task<LocalCluster> StartAsync(TestFolder folder, string program, CancellationToken cancellationToken) => LocalCluster.StartAsync(
        new FloodSettings { DataDirectory = folder.Path, Nodes = 2, LimitPerSecond = 1 },
        new RelayProgram(program, []),
        Nobody,
        TimeProvider.System,
        cancellationToken);
}
