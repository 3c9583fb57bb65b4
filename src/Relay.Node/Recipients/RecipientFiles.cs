using System.Collections.Concurrent;
using Relay.Node.CommandLine;
using Relay.Policy.Findings;
using Relay.Smtp.Addresses;

namespace Relay.Node.Recipients;

/// <summary>The lists of recipients that a policy names, read again when they change. Thread-safe.</summary>
internal sealed class RecipientFiles : IDisposable
{
    /// <summary>How often the files are looked at. Default 5 seconds; what has changed is in force after two looks.</summary>
    public static readonly TimeSpan LookTime = TimeSpan.FromSeconds(5);

    private readonly string _folder;
    private readonly RecipientLog _log;
    private readonly ConcurrentDictionary<string, RecipientFile> _files = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stopping = new();
    private readonly ITimer _timer;
    private int _isLooking;

    /// <param name="folder">Where relative paths begin: the policy file's folder.</param>
    /// <param name="log">Told of every change.</param>
    /// <param name="time">The clock.</param>
    public RecipientFiles(string folder, RecipientLog log, TimeProvider time)
    {
        _folder = folder;
        _log = log;
        _timer = time.CreateTimer(static files => ((RecipientFiles)files!).BeginLook(), this, LookTime, LookTime);
    }

    /// <summary>Reads files that are to be there.</summary>
    /// <exception cref="CommandException">One of them cannot be read, or has lines that are no recipients; names file and line of each.</exception>
    public async Task LoadAsync(IEnumerable<string> names, CancellationToken cancellation)
    {
        var problems = await ReadAsync(names, cancellation).ConfigureAwait(false);
        if (problems.Count > 0)
        {
            throw new CommandException(string.Join(Environment.NewLine, problems));
        }
    }

    /// <summary>Reads files whatever they are like, so that they are known before the first recipient is looked for.</summary>
    /// <returns>What is wrong with them, <c>file:line: message</c>.</returns>
    public async Task<IReadOnlyList<string>> ReadAsync(IEnumerable<string> names, CancellationToken cancellation)
    {
        var problems = new List<string>();
        foreach (var name in names.Distinct(StringComparer.Ordinal))
        {
            problems.AddRange(await FileOf(name).LoadAsync(cancellation).ConfigureAwait(false));
        }

        return problems;
    }

    /// <summary>Forgets all files but these.</summary>
    public void Keep(IReadOnlyCollection<string> names)
    {
        foreach (var name in _files.Keys)
        {
            if (!names.Contains(name))
            {
                _files.TryRemove(name, out _);
            }
        }
    }

    /// <summary>Whether a list has a recipient. One that nobody has read yet is read at the next look: until then nothing is known.</summary>
    public RecipientFinding Find(string name, MailPath recipient) => FileOf(name).Has(recipient) switch
    {
        true => RecipientFinding.Known,
        false => RecipientFinding.Unknown,
        null => RecipientFinding.Trouble,
    };

    /// <summary>Looks at every file once.</summary>
    public async Task LookAsync()
    {
        foreach (var (_, file) in _files)
        {
            await file.LookAsync(_stopping.Token).ConfigureAwait(false);
        }
    }

    public void Dispose()
    {
        _timer.Dispose();
        _stopping.Cancel();
        _stopping.Dispose();
    }

    private RecipientFile FileOf(string name) => _files.GetOrAdd(name, static (name, files) => new RecipientFile(name, files._folder, files._log), this);

    // One look at a time: a slow disk must not have several wait for it.
    private void BeginLook()
    {
        if (Interlocked.Exchange(ref _isLooking, 1) == 0)
        {
            _ = LookOnceAsync();
        }
    }

    private async Task LookOnceAsync()
    {
        try
        {
            await LookAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // The node stops.
        }
        finally
        {
            Volatile.Write(ref _isLooking, 0);
        }
    }
}
