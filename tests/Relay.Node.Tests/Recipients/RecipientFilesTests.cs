using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Relay.Node.CommandLine;
using Relay.Node.Recipients;
using Relay.Node.Tests.Cluster;
using Relay.Policy.Findings;
using Relay.Smtp.Addresses;
using Relay.TestKit;

namespace Relay.Node.Tests.Recipients;

public sealed class RecipientFilesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("relay-lists-").FullName;
    private readonly FakeTimeProvider _time = new();
    private readonly CapturedLog _log = new();
    private readonly LoggerFactory _loggers;
    private readonly RecipientFiles _files;

    public RecipientFilesTests()
    {
        _loggers = new LoggerFactory([_log]);
        _files = new RecipientFiles(_folder, new RecipientLog(_loggers.CreateLogger<RecipientLog>(), _time), _time);
    }

    public void Dispose()
    {
        _files.Dispose();
        _loggers.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_list_is_found_beside_the_policy()
    {
        Write("users.txt", "alice\n");
        await _files.LoadAsync(["users.txt", Path.Combine(_folder, "users.txt")], default);
        Assert.Equal(RecipientFinding.Known, Find("alice"));
        Assert.Equal(RecipientFinding.Unknown, Find("bob"));
        Assert.Equal(RecipientFinding.Known, _files.Find(Path.Combine(_folder, "users.txt"), PathOf("alice")));
    }

    [Fact]
    public async Task Errors_of_all_lists_are_told_with_file_and_line()
    {
        Write("users.txt", "alice\nb b\nc c\n");
        var e = await Assert.ThrowsAsync<CommandException>(() => _files.LoadAsync(["users.txt", "none.txt", "."], default));
        var lines = e.Message.Split(Environment.NewLine);
        Assert.Equal(4, lines.Length);
        Assert.StartsWith("users.txt:2: \"b b\" is not a recipient", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("users.txt:3: ", lines[1], StringComparison.Ordinal);
        Assert.Equal("none.txt: no such file", lines[2]);
        Assert.Equal(".: is a folder", lines[3]);
    }

    [Fact]
    public async Task A_change_is_taken_when_the_file_has_stayed_as_it_is_for_a_look()
    {
        Write("users.txt", "alice\n");
        await _files.LoadAsync(["users.txt"], default);
        Write("users.txt", "bob\n");
        await _files.LookAsync();
        Assert.Equal(RecipientFinding.Known, Find("alice"));
        Write("users.txt", "bob\ncarol\n"); // still being written
        await _files.LookAsync();
        Assert.Equal(RecipientFinding.Known, Find("alice"));
        await _files.LookAsync();
        Assert.Equal(RecipientFinding.Unknown, Find("alice"));
        Assert.Equal(RecipientFinding.Known, Find("carol"));
        Assert.Empty(_log.Lines);
    }

    [Fact]
    public async Task A_file_that_is_renamed_into_place_is_taken_though_it_is_older_and_as_long()
    {
        Write("users.txt", "alice\n");
        await _files.LoadAsync(["users.txt"], default);
        Write("next.txt", "bobby\n");
        File.SetLastWriteTimeUtc(Path.Combine(_folder, "next.txt"), File.GetLastWriteTimeUtc(Path.Combine(_folder, "users.txt")).AddDays(-1));
        File.Move(Path.Combine(_folder, "next.txt"), Path.Combine(_folder, "users.txt"), overwrite: true);
        await LookTwiceAsync();
        Assert.Equal(RecipientFinding.Known, Find("bobby"));
    }

    [Fact]
    public async Task A_link_that_leads_elsewhere_is_followed()
    {
        Write("one.txt", "alice\n");
        Write("two.txt", "bobby\n");
        var link = Path.Combine(_folder, "users.txt");
        File.CreateSymbolicLink(link, "one.txt");
        await _files.LoadAsync(["users.txt"], default);
        File.Delete(link);
        File.CreateSymbolicLink(link, "two.txt");
        await LookTwiceAsync();
        Assert.Equal(RecipientFinding.Known, Find("bobby"));
    }

    [Theory]
    [InlineData("alice\nb b\n", "users.txt:2: \"b b\" is not a recipient")]
    [InlineData("", "users.txt:1: no recipient in it")]
    [InlineData(null, "users.txt: no such file")]
    public async Task A_broken_list_changes_nothing_but_the_log_until_it_is_mended(string? content, string problem)
    {
        Write("users.txt", "alice\n");
        await _files.LoadAsync(["users.txt"], default);
        if (content is null)
        {
            File.Delete(Path.Combine(_folder, "users.txt"));
        }
        else
        {
            Write("users.txt", content);
        }

        for (var i = 0; i < 5; i++)
        {
            await _files.LookAsync();
        }

        Assert.Equal(RecipientFinding.Known, Find("alice"));
        var line = Assert.Single(_log.Lines);
        Assert.Contains(problem, line, StringComparison.Ordinal);
        Assert.EndsWith("the list of before with 1 stays in force", line, StringComparison.Ordinal);
        Write("users.txt", "bob\n");
        await LookTwiceAsync();
        Assert.Equal(RecipientFinding.Known, Find("bob"));
        Assert.Single(_log.Lines);
    }

    [Fact]
    public async Task What_a_new_policy_names_is_trouble_until_it_has_been_read()
    {
        Assert.Equal(RecipientFinding.Trouble, Find("alice"));
        Write("users.txt", "alice\n");
        await _files.LookAsync();
        Assert.Equal(RecipientFinding.Known, Find("alice"));
    }

    [Fact]
    public async Task The_files_are_looked_at_by_themselves()
    {
        Write("users.txt", "alice\n");
        await _files.LoadAsync(["users.txt"], default);
        Write("users.txt", "bob and no more\n");
        while (_log.Lines.IsEmpty)
        {
            _time.Advance(RecipientFiles.LookTime);
            await Eventually.NextLookAsync();
        }

        Assert.Contains("users.txt:1: ", Assert.Single(_log.Lines), StringComparison.Ordinal);
    }

    private async Task LookTwiceAsync()
    {
        await _files.LookAsync();
        await _files.LookAsync();
    }

    private RecipientFinding Find(string name) => _files.Find("users.txt", PathOf(name));

    private static MailPath PathOf(string name) => MailPath.TryParse(name + "@relay.example", out var path) ? path : throw new ArgumentException(name);

    private void Write(string name, string content) => File.WriteAllText(Path.Combine(_folder, name), content);
}
