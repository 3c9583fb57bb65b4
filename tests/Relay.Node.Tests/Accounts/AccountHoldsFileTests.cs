using Microsoft.Extensions.Logging;
using Relay.Actors.Accounts;
using Relay.Actors.Policy;
using Relay.Messages.Accounts;
using Relay.Node.Accounts;
using Relay.Node.Tests.Cluster;
using Relay.Policy.Decisions;

namespace Relay.Node.Tests.Accounts;

public sealed class AccountHoldsFileTests : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    private readonly string _folder = Directory.CreateTempSubdirectory("relay-holds-").FullName;
    private readonly CapturedLog _log = new();
    private readonly LoggerFactory _loggers;

    public AccountHoldsFileTests() => _loggers = new LoggerFactory([_log]);

    private string FilePath => Path.Combine(_folder, AccountHoldsFile.Name);

    public void Dispose()
    {
        Directory.Delete(_folder, recursive: true);
        _loggers.Dispose();
        _log.Dispose();
    }

    [Fact]
    public void What_was_saved_is_there_after_a_start_and_only_its_owner_may_read_it()
    {
        ToldHold[] holds = [new("alice", IsHeld: true, Noon, "3 of 4 recipients failed"), new("bob", IsHeld: false, Noon, "x")];
        var breaker = new AccountBreaker(new PolicyAgent(PolicySnapshot.WithoutPolicy(everyListenerIsLoopback: true)), TimeProvider.System);
        breaker.Restore(holds);
        using (var file = Make())
        {
            Assert.Empty(file.Load());
            file.Save(breaker);
        }

        using var again = Make();
        Assert.Equal(holds, again.Load().OrderBy(static hold => hold.User));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(FilePath));
        }

        Assert.Empty(_log.Lines);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[null]")]
    [InlineData("""[ { "User": "no name", "IsHeld": true, "At": "2026-11-24T12:00:00Z", "Reason": "x" } ]""")]
    public void A_file_that_is_damaged_holds_nobody_and_is_told_of(string text)
    {
        File.WriteAllText(FilePath, text);
        using var file = Make();
        Assert.Empty(file.Load());
        Assert.Contains(AccountHoldsFile.Name, Assert.Single(_log.Lines), StringComparison.Ordinal);
    }

    private AccountHoldsFile Make() => new(_folder, _loggers.CreateLogger<AccountHoldsFile>());
}
