using Relay.Node.Logging.Output;
using Relay.Node.Settings;

namespace Relay.Node.Tests.Logging.Output;

public sealed class LogFileTests : IDisposable
{
    private const int QuotaBytes = (int)(LogSection.QuotaBytesMin / NodeLogs.NodeLogPart);
    private const int BlockLines = 100;

    private readonly string _folder = Directory.CreateTempSubdirectory("relay-log-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_files_never_take_more_than_the_quota_and_the_newest_lines_are_kept_without_a_gap()
    {
        using (var file = new LogFile(Path.Combine(_folder, "test.log"), QuotaBytes))
        {
            // Twice as much as there is room for.
            var text = new string('x', 500);
            for (var i = 0; i < 2 * QuotaBytes / text.Length; i += BlockLines)
            {
                file.Write([.. Enumerable.Range(i, BlockLines).Select(number => LogLines.Of($"{number} {text}"))]);
                var files = Files();
                Assert.True(files.Length <= LogFile.FilesKept + 1 && files.Sum(static info => info.Length) <= QuotaBytes);
                Assert.All(files, static info => Assert.InRange(info.Length, 0, QuotaBytes / LogFile.FilesKept));
            }
        }

        var kept = Files();
        Assert.Equal(LogFile.FilesKept, kept.Length);
        var numbers = kept.OrderBy(static info => info.Name, StringComparer.Ordinal)
            .SelectMany(static info => File.ReadLines(info.FullName)).Select(static line => int.Parse(line.Split(' ')[2], null)).ToList();
        Assert.Equal(Enumerable.Range(numbers[0], numbers.Count), numbers);
        Assert.True(numbers.Count > QuotaBytes / 2 / 550, $"only {numbers.Count} lines are kept");
    }

    [Fact]
    public void A_second_start_goes_on_where_the_first_one_ended()
    {
        foreach (var line in new[] { "one", "two" })
        {
            using var file = new LogFile(Path.Combine(_folder, "test.log"), QuotaBytes);
            file.Write([LogLines.Of(line)]);
        }

        Assert.Equal(["one", "two"], File.ReadLines(Assert.Single(Files()).FullName).Select(static line => line.Split(' ')[2]));
    }

    [Fact]
    public void A_file_that_cannot_be_opened_is_tried_again_with_the_next_lines()
    {
        var folder = Path.Combine(_folder, "later");
        File.WriteAllText(folder, "no folder yet");
        using var file = new LogFile(Path.Combine(folder, "test.log"), QuotaBytes);
        Assert.ThrowsAny<IOException>(() => file.Write([LogLines.Of("lost")]));
        Assert.ThrowsAny<IOException>(() => file.Write([LogLines.Of("lost")]));

        File.Delete(folder);
        file.Write([LogLines.Of("kept")]);
        Assert.EndsWith(" INF kept", Assert.Single(File.ReadLines(Path.Combine(folder, "test.log"))), StringComparison.Ordinal);
    }

    [Fact]
    public void A_full_disk_under_standard_output_is_a_failure_and_what_comes_later_begins_a_line()
    {
        using var full = new FileStream("/dev/full", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        Assert.Throws<IOException>(() => new LogStream(full).Write([LogLines.Of("lost")]));

        using var output = new TornStream();
        using var stream = new LogStream(output);
        Assert.Throws<IOException>(() => stream.Write([LogLines.Of("torn")]));
        stream.Write([LogLines.Of("whole")]);
        var lines = output.Text.TrimEnd('\n').Split('\n');
        Assert.Equal(2, lines.Length);
        Assert.EndsWith(" INF whole", lines[1], StringComparison.Ordinal);
    }

    private FileInfo[] Files() => new DirectoryInfo(_folder).GetFiles();

    /// <summary>Takes half of what it is given, and then says that it is full; once.</summary>
    private sealed class TornStream : MemoryStream
    {
        private bool _hasFailed;

        public string Text => System.Text.Encoding.UTF8.GetString(ToArray());

        // What writes a span, comes here too.
        public override void Write(byte[] buffer, int offset, int count)
        {
            base.Write(buffer, offset, _hasFailed ? count : count / 2);
            if (!_hasFailed)
            {
                _hasFailed = true;
                throw new IOException("full");
            }
        }
    }
}
