using System.Diagnostics;
using Relay.Node.Settings;

namespace Relay.Node.Tests.Settings;

public sealed class BoundedFileTests : IDisposable
{
    private const int BytesMax = 1024;

    private readonly string _folder = Directory.CreateTempSubdirectory("relay-pipe-").FullName;
    private readonly string _pipe;

    public BoundedFileTests()
    {
        _pipe = Path.Combine(_folder, "pipe");
        using var made = Process.Start("mkfifo", [_pipe]);
        made.WaitForExit();
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_pipe_that_nobody_writes_to_is_refused_in_time()
    {
        var (bytes, problem) = await BoundedFile.TryReadAsync(_pipe, BytesMax, TimeSpan.FromMilliseconds(50), CancellationToken.None);

        Assert.Null(bytes);
        Assert.Equal("cannot be read: it does not open, like a pipe that nobody writes to", problem);
        await ReleaseAsync();
    }

    [Fact]
    public async Task Waiting_for_a_pipe_ends_when_the_process_is_told_to_stop()
    {
        using var stopping = new CancellationTokenSource();
        var reading = BoundedFile.TryReadAsync(_pipe, BytesMax, Timeout.InfiniteTimeSpan, stopping.Token);

        await stopping.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
        await ReleaseAsync();
    }

    [Fact]
    public async Task Waiting_for_what_a_pipe_brings_ends_when_the_process_is_told_to_stop()
    {
        using var stopping = new CancellationTokenSource();
        var reading = BoundedFile.TryReadAsync(_pipe, BytesMax, Timeout.InfiniteTimeSpan, stopping.Token);
        await using var writer = await Task.Run(OpenWriter);
        // Not the end yet: the reader takes this and waits for more.
        await writer.WriteAsync(new byte[] { 1 });
        await writer.FlushAsync();

        await stopping.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
    }

    [Fact]
    public async Task A_pipe_with_a_writer_is_read_to_its_end()
    {
        var reading = BoundedFile.TryReadAsync(_pipe, BytesMax, CancellationToken.None);
        await using (var writer = await Task.Run(OpenWriter))
        {
            await writer.WriteAsync(new byte[] { 1, 2, 3 });
        }

        var (bytes, _) = await reading;

        Assert.Equal([1, 2, 3], bytes);
    }

    // The open that was left behind gets its writer, so that its thread does not stay.
    private async Task ReleaseAsync()
    {
        await using var writer = await Task.Run(OpenWriter);
    }

    // The platform locks what it opens, and a lock of this process would shut out the other end.
    private FileStream OpenWriter() => new(_pipe, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
}
