using System.Globalization;
using Relay.Node.Settings;
using Relay.Smtp.Addresses;

namespace Relay.Node.Recipients;

/// <summary>One list of recipients on the disk, and the last good reading of it.</summary>
/// <remarks>Looked at by one caller at a time, asked by any thread.</remarks>
internal sealed class RecipientFile
{
    private readonly string _path;
    private readonly RecipientLog _log;
    private RecipientList? _list;
    private FileStamp _taken;
    private FileStamp _refused;
    private FileStamp _seen;
    private string? _problem;

    /// <param name="name">As the policy names it.</param>
    /// <param name="folder">Where relative paths begin.</param>
    /// <param name="log">Told of every change.</param>
    public RecipientFile(string name, string folder, RecipientLog log)
    {
        Name = name;
        _path = Path.GetFullPath(name, folder);
        _log = log;
    }

    /// <summary>As the policy names it.</summary>
    public string Name { get; }

    /// <summary>Whether the list has a recipient; null before any list could be read.</summary>
    public bool? Has(MailPath recipient) => Volatile.Read(ref _list)?.Has(recipient);

    /// <summary>Reads the file whatever it is like.</summary>
    /// <returns>What is wrong with it, <c>file:line: message</c>; none when it was read.</returns>
    public async Task<IReadOnlyList<string>> LoadAsync(CancellationToken cancellation)
    {
        var stamp = FileStamp.Of(_path);
        var reading = await ReadAsync(Name, _path, cancellation).ConfigureAwait(false);
        if (reading.List is { } list)
        {
            Take(list, stamp);
        }

        return reading.Problems;
    }

    /// <summary>
    /// Reads the file when it has changed, and has stayed as it is from one look to the next: what is being written is not read half. A list that
    /// cannot be read changes nothing but the log.
    /// </summary>
    public async Task LookAsync(CancellationToken cancellation)
    {
        var stamp = FileStamp.Of(_path);
        var isSettled = stamp == _seen;
        _seen = stamp;
        if (stamp == _taken && _list is not null)
        {
            _problem = null;
            return;
        }

        if ((stamp == _refused && stamp != FileStamp.None) || (!isSettled && _list is not null))
        {
            return;
        }

        var reading = await ReadAsync(Name, _path, cancellation).ConfigureAwait(false);
        if (FileStamp.Of(_path) != stamp)
        {
            return;
        }

        if (reading.List is { } list)
        {
            Take(list, stamp);
            _log.ListRead(Name, list.Count);
            return;
        }

        // What could not be opened may be open to us at the next look, and looks the same then.
        _refused = reading.IsWhole ? stamp : FileStamp.None;
        if (reading.Problems[0] != _problem)
        {
            _problem = reading.Problems[0];
            _log.ListKept(_problem, _list?.Count ?? 0);
        }
    }

    /// <summary>Reads a list without keeping it.</summary>
    /// <param name="name">As errors name it.</param>
    /// <param name="path">Where it is.</param>
    /// <param name="cancellation">Ends the read.</param>
    /// <param name="named">Told the line and domain of each entry that names a domain; null when nobody wants to know.</param>
    public static async Task<RecipientReading> ReadAsync(
        string name, string path, CancellationToken cancellation, Action<int, MailDomain>? named = null)
    {
        var shown = ShownText.Clean(name);
        var (bytes, problem) = await BoundedFile.TryReadAsync(path, RecipientListReader.FileBytesMax, cancellation).ConfigureAwait(false);
        if (bytes is null)
        {
            return new RecipientReading(null, IsWhole: false, [$"{shown}: {problem}"]);
        }

        var (list, errors) = RecipientListReader.Read(bytes, named);
        return new RecipientReading(
            list, IsWhole: true, [.. errors.Select(error => string.Create(CultureInfo.InvariantCulture, $"{shown}:{error.Line}: {error.Message}"))]);
    }

    private void Take(RecipientList list, FileStamp stamp)
    {
        Volatile.Write(ref _list, list);
        _taken = stamp;
        _seen = stamp;
        _problem = null;
    }
}

/// <summary>What came of reading a list.</summary>
/// <param name="List">The list, or null.</param>
/// <param name="IsWhole">The file's octets were read, and the problems are theirs.</param>
/// <param name="Problems">What is wrong, <c>file:line: message</c>; none exactly when there is a list.</param>
internal sealed record RecipientReading(RecipientList? List, bool IsWhole, IReadOnlyList<string> Problems);
