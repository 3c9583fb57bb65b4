using System.Text.Json;
using Relay.Actors.Accounts;
using Relay.Messages.Accounts;
using Relay.Node.Policies;
using Relay.Node.Settings;
using Relay.Smtp.Authentication;

namespace Relay.Node.Accounts;

/// <summary>Keeps who is held over the end of the process, in a file of the data directory. Thread-safe; whoever saves does not wait.</summary>
/// <remarks>Event ids 2420 to 2439; the next free one is 2422.</remarks>
internal sealed partial class AccountHoldsFile : IDisposable
{
    /// <summary>The file's name in the data directory.</summary>
    public const string Name = "accounts.json";

    private readonly string _path;
    private readonly ILogger _log;
    private readonly Lock _writing = new();
    private AccountBreaker? _wanted;

    /// <param name="folder">The data directory.</param>
    /// <param name="log">Gets what goes wrong.</param>
    public AccountHoldsFile(string folder, ILogger<AccountHoldsFile> log)
    {
        _path = Path.Combine(folder, Name);
        _log = log;
    }

    /// <summary>What the file holds; nothing, with a line in the log, when it cannot be read: mail must not stand still for it.</summary>
    public IReadOnlyList<ToldHold> Load()
    {
        try
        {
            if (!File.Exists(_path))
            {
                return [];
            }

            var entries = JsonSerializer.Deserialize<Entry?[]>(File.ReadAllBytes(_path)) ?? throw new JsonException("nothing is in it");
            return [.. entries.Select(static entry => entry is not null && UserName.TryParse(entry.User, out var user)
                ? new ToldHold(user, entry.IsHeld, entry.At, entry.Reason ?? string.Empty)
                : throw new JsonException("a name is none"))];
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            WriteUnreadable(_path, ShownText.Clean(e.Message));
            return [];
        }
    }

    /// <summary>Writes who is held, soon.</summary>
    public void Save(AccountBreaker breaker)
    {
        if (Interlocked.Exchange(ref _wanted, breaker) is null)
        {
            _ = Task.Run(Write);
        }
    }

    /// <summary>Writes what is not written yet.</summary>
    public void Dispose() => Write();

    private void Write()
    {
        lock (_writing)
        {
            if (Interlocked.Exchange(ref _wanted, null) is not { } breaker)
            {
                return;
            }

            try
            {
                Entry[] entries = [.. breaker.All.Select(static hold => new Entry(hold.User, hold.IsHeld, hold.At, hold.Reason))];
                DurableFile.Write(_path, JsonSerializer.SerializeToUtf8Bytes(entries));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                WriteUnsaved(_path, ShownText.Clean(e.Message));
            }
        }
    }

    [LoggerMessage(EventId = 2420, Level = LogLevel.Error, Message = "breaker: {File:l} cannot be read, nobody is held by it: {Problem:l}")]
    private partial void WriteUnreadable(string file, string problem);

    [LoggerMessage(EventId = 2421, Level = LogLevel.Error, Message = "breaker: {File:l} cannot be written, users are held until this node is started again: {Problem:l}")]
    private partial void WriteUnsaved(string file, string problem);

    private sealed record Entry(string User, bool IsHeld, DateTimeOffset At, string? Reason);
}
