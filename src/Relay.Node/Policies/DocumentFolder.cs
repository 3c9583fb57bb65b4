using System.Collections.Immutable;
using System.Globalization;
using Relay.Actors.Policy.Store;
using Relay.Messages.Policies;
using Relay.Spool.Disks;

namespace Relay.Node.Policies;

/// <summary>A shared document in a folder of the data directory: each version that was in force here in a file by its number, and what is under way.</summary>
/// <remarks>Written by one caller at a time, read by any thread.</remarks>
internal sealed class DocumentFolder : IDocumentShelf
{
    /// <summary>Versions kept at most.</summary>
    public const int VersionsMax = 100;

    /// <summary>Octets of all versions kept at most; the one in force is kept whatever its size.</summary>
    public const long OctetsMax = 64 << 20;

    private const string PromiseName = "promise";
    private const string AcceptedName = "accepted";
    private const string Suffix = ".version";
    private const int FileBytesMax = DocumentHead.LengthMax + 8192;

    // Writers go from epoch to epoch in steps of one, each a majority's work of seconds: what was promised lies far below this.
    private const long LostEpochs = 1_000_000;

    private readonly string _folder;
    private readonly int _versionsMax;
    private readonly List<string> _problems = [];
    private volatile StoredDocument? _inForce;
    private bool _hasPromise;
    private StoredDocument? _before;
    private ImmutableSortedDictionary<long, DocumentHead> _history = ImmutableSortedDictionary<long, DocumentHead>.Empty;

    private DocumentFolder(string folder, int versionsMax)
    {
        _folder = folder;
        _versionsMax = versionsMax;
    }

    public WriterPromise Promise { get; private set; }

    public StoredDocument? InForce => _inForce;

    public StoredDocument? Accepted { get; private set; }

    /// <summary>What could not be read at the start, <c>file: problem</c>.</summary>
    public IReadOnlyList<string> Problems => _problems;

    /// <summary>Why nothing is in force from here, though something was: its file is damaged. Null when all is well.</summary>
    public string? Damage { get; private set; }

    public bool IsDamaged => Damage is not null;

    /// <summary>The versions that are kept, in their order.</summary>
    public IReadOnlyCollection<DocumentHead> History => [.. _history.Values];

    /// <summary>Reads a folder; one that is not there is empty.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="versionsMax">Versions kept at most.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static DocumentFolder Open(string folder, int versionsMax = VersionsMax)
    {
        var opened = new DocumentFolder(folder, versionsMax);
        opened.Load();
        return opened;
    }

    /// <summary>Takes what the node has in force while the cluster has no version: it is kept beside the cluster's first one, so that there is a way back.</summary>
    /// <param name="version">Its version: one below the cluster's first.</param>
    /// <param name="document">The document.</param>
    /// <param name="by">Where it comes from.</param>
    /// <param name="at">Since when there is it.</param>
    public void BeginWith(long version, ReadOnlyMemory<byte> document, string by, DateTimeOffset at) => _before = new StoredDocument(
        new DocumentHead(0, version, DocumentHead.DigestOf(document.Span), document.Length, "", by, "", at), document);

    public void Save(WriterPromise promise)
    {
        DurableFile.Write(
            PathOf(PromiseName), System.Text.Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{promise.Epoch} {promise.Writer}\n")));
        Promise = promise;
        _hasPromise = true;
    }

    public void SaveAccepted(StoredDocument document)
    {
        KeepPromise();
        DurableFile.Write(PathOf(AcceptedName), DocumentText.Write(document));
        Accepted = document;
    }

    public void SaveInForce(StoredDocument document)
    {
        _inForce = document;
        Damage = null;
        KeepPromise();
        if (Accepted?.Head == document.Head)
        {
            // Its octets are on the disk already.
            var disk = new FileDisk();
            disk.Rename(PathOf(AcceptedName), PathOf(NameOf(document.Head.Version)));
            disk.SyncDirectory(_folder);
        }
        else
        {
            DurableFile.Write(PathOf(NameOf(document.Head.Version)), DocumentText.Write(document));
        }

        if (Accepted is { } accepted && accepted.Head.Version <= document.Head.Version)
        {
            DropAccepted();
        }

        Volatile.Write(ref _history, _history.SetItem(document.Head.Version, document.Head));
        KeepBefore(document.Head.Version);
        Prune();
    }

    public void DropAccepted()
    {
        Accepted = null;
        DurableFile.Delete(PathOf(AcceptedName));
    }

    /// <summary>A version that is kept; null when it is not, or its file is damaged.</summary>
    public StoredDocument? Find(long version)
    {
        if (_inForce is { } now && now.Head.Version == version)
        {
            return now;
        }

        try
        {
            return _history.ContainsKey(version) ? DocumentText.Read(File.ReadAllBytes(PathOf(NameOf(version)))) : null;
        }
        catch (Exception gone) when (gone is FormatException or IOException)
        {
            return null;
        }
    }

    private void Load()
    {
        var highest = 0L;
        foreach (var entry in new FileDisk().List(_folder))
        {
            if (entry.Name.EndsWith(Suffix, StringComparison.Ordinal)
                && long.TryParse(entry.Name[..^Suffix.Length], NumberStyles.None, CultureInfo.InvariantCulture, out var version))
            {
                highest = Math.Max(highest, version);
                if (TryRead(entry.Name) is { } document)
                {
                    if (document.Head.Version != version)
                    {
                        _problems.Add($"{PathOf(entry.Name)} holds version {document.Head.Version}");
                        continue;
                    }

                    _history = _history.SetItem(document.Head.Version, document.Head);
                    _inForce = document.Head.Version > (_inForce?.Head.Version ?? 0) ? document : _inForce;
                }
            }
        }

        if (highest > (_inForce?.Head.Version ?? 0))
        {
            // The one before it may allow what this one was to end: better none than that.
            Damage = _problems[^1];
            _inForce = null;
        }

        Accepted = File.Exists(PathOf(AcceptedName)) ? TryRead(AcceptedName) : null;
        LoadPromise();
    }

    private StoredDocument? TryRead(string name)
    {
        try
        {
            var octets = File.ReadAllBytes(PathOf(name));
            return octets.Length <= FileBytesMax ? DocumentText.Read(octets) : throw new FormatException("is too large");
        }
        catch (FormatException damaged)
        {
            _problems.Add($"{PathOf(name)}: {damaged.Message}");
            return null;
        }
    }

    private void LoadPromise()
    {
        var path = PathOf(PromiseName);
        var epochs = _history.Values.Append(Accepted?.Head).OfType<DocumentHead>().Select(static head => head.Epoch).ToArray();
        _hasPromise = File.Exists(path);
        if (!_hasPromise && epochs.Length == 0)
        {
            return;
        }

        if (_hasPromise
            && File.ReadAllText(path).Split(' ') is [var first, var second]
            && long.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var epoch)
            && long.TryParse(second.TrimEnd('\n'), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var writer))
        {
            Promise = new WriterPromise(epoch, writer);
            return;
        }

        // Whom it obeyed is not known any more: it obeys nobody from before, and the next store has to begin above all that may have been.
        Promise = new WriterPromise(epochs.DefaultIfEmpty().Max() + LostEpochs, 0);
        _problems.Add($"{path}: {(_hasPromise ? "is damaged" : "is missing")}, so this node obeys no store of before");
    }

    // A version without a promise beside it would look like one that was lost.
    private void KeepPromise()
    {
        if (!_hasPromise)
        {
            Save(Promise);
        }
    }

    // Only where nothing lies between: whoever joins later never had it in force in this cluster.
    private void KeepBefore(long first)
    {
        if (Interlocked.Exchange(ref _before, null) is { } before && before.Head.Version == first - 1 && before.Head.Length <= DocumentHead.LengthMax)
        {
            DurableFile.Write(PathOf(NameOf(before.Head.Version)), DocumentText.Write(before));
            Volatile.Write(ref _history, _history.SetItem(before.Head.Version, before.Head));
        }
    }

    // What is in force is never pruned, and stays even where removing fails.
    private void Prune()
    {
        var octets = _history.Values.Sum(static head => (long)head.Length);
        while (_history.Count > _versionsMax || (octets > OctetsMax && _history.Count > 1))
        {
            var oldest = _history.Values.First();
            DurableFile.Delete(PathOf(NameOf(oldest.Version)));
            octets -= oldest.Length;
            Volatile.Write(ref _history, _history.Remove(oldest.Version));
        }
    }

    private string PathOf(string name) => Path.Combine(_folder, name);

    private static string NameOf(long version) => version.ToString("D8", CultureInfo.InvariantCulture) + Suffix;
}
