using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Relay.Node.CommandLine;
using Relay.Node.Policies;
using Relay.Node.Settings;
using Relay.Smtp.Authentication;
using Relay.Spool.Disks;

namespace Relay.Node.Authentication;

/// <summary>The users of this node: in memory, and in a file of the data directory that only its owner reads. Thread-safe.</summary>
internal sealed class UserStore
{
    /// <summary>The file's name in the data directory.</summary>
    public const string FileName = "users.json";

    /// <summary>Largest file, in bytes.</summary>
    public const int FileBytesMax = 4 << 20;

    private readonly Lock _lock = new();
    private readonly string _directory;
    private volatile UserDocument _document;
    private volatile bool _isProvisional;
    private byte[]? _onDisk; // the hash of what this node read or wrote last; null for no file

    private UserStore(string directory, UserDocument document, byte[]? onDisk)
    {
        _directory = directory;
        _document = document;
        _onDisk = onDisk;
    }

    /// <summary>The users now.</summary>
    public UserDocument Current => _document;

    /// <summary>True while nobody has said yet who the users are: a node that joins others, and has no copy of theirs.</summary>
    public bool IsProvisional
    {
        get => _isProvisional;
        set => _isProvisional = value;
    }

    /// <summary>The users that a node starts with: the cluster's, when it has had any; else those of its file.</summary>
    /// <param name="settings">What the node is.</param>
    /// <param name="folder">Where the node keeps the cluster's users.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="CommandException">They cannot be read, or are damaged.</exception>
    public static async Task<UserStore> OpenAsync(NodeSettings settings, DocumentFolder folder, CancellationToken cancellation)
    {
        var directory = settings.Node.DataDirectory;
        var hasOthers = settings.Cluster.Seeds.Count > 0;
        if (folder.Damage is { } damage)
        {
            // The others have them.
            return hasOthers
                ? new UserStore(directory, UserDocument.Empty(), onDisk: null) { IsProvisional = true }
                : throw new CommandException($"the cluster's users cannot be read: {damage}; without this file the node starts with what it has besides");
        }

        if (folder.InForce is not { } stored)
        {
            var ofFile = await OpenAsync(directory, cancellation).ConfigureAwait(false);
            ofFile.IsProvisional = hasOthers && ofFile._onDisk is null;
            return ofFile;
        }

        try
        {
            return new UserStore(directory, UserDocument.Parse(stored.Body), onDisk: null);
        }
        catch (FormatException wrong)
        {
            throw new CommandException(string.Create(
                CultureInfo.InvariantCulture, $"version {stored.Head.Version} of the cluster's users cannot be read by this program: {wrong.Message}"));
        }
    }

    /// <summary>Reads the file; without one there are no users.</summary>
    /// <exception cref="CommandException">It cannot be read, or is damaged: a start without users would refuse them all for good.</exception>
    public static async Task<UserStore> OpenAsync(string dataDirectory, CancellationToken cancellation)
    {
        var path = Path.Combine(dataDirectory, FileName);
        if (!File.Exists(path) && !Directory.Exists(path))
        {
            return new UserStore(dataDirectory, UserDocument.Empty(), onDisk: null);
        }

        var (octets, problem) = await BoundedFile.TryReadAsync(path, FileBytesMax, cancellation).ConfigureAwait(false);
        try
        {
            return octets is null
                ? throw new FormatException(problem)
                : new UserStore(dataDirectory, UserDocument.Parse(octets), SHA256.HashData(octets));
        }
        catch (FormatException wrong)
        {
            throw new CommandException($"{path}: {wrong.Message}");
        }
    }

    /// <summary>True when there is such a user.</summary>
    public bool Contains(string name) => _document.Users.ContainsKey(name);

    /// <summary>The verifier of a user; for a name that no user has, one that looks the same, stays the same, and fits no password.</summary>
    /// <param name="name">The claimed name.</param>
    /// <param name="isKnown">True when it is a user's.</param>
    public ScramVerifier VerifierFor(string name, out bool isKnown)
    {
        var document = _document;
        var invented = Invent(name, document); // for users as well, so that both take the same time
        isKnown = document.Users.TryGetValue(name, out var verifier);
        return isKnown ? verifier! : invented;
    }

    /// <summary>True when the verifier is the one that the user has now.</summary>
    public bool IsCurrent(string name, ScramVerifier verifier) =>
        _document.Users.TryGetValue(name, out var now) && now.IsSameAs(verifier);

    /// <summary>A number that a name keeps as long as it is the same user's with the same password, or nobody's.</summary>
    public ulong AccountOf(string name) => BinaryPrimitives.ReadUInt64LittleEndian(VerifierFor(name, out _).StoredKey.Span);

    /// <summary>Takes the cluster's users; the file stays as it is.</summary>
    public void Take(UserDocument document)
    {
        _document = document;
        IsProvisional = false;
    }

    /// <summary>Puts users in force, and on the disk.</summary>
    /// <exception cref="IOException">The file cannot be written, or somebody else has changed it: nothing has changed.</exception>
    public void Save(UserDocument document)
    {
        lock (_lock)
        {
            Write(document);
        }
    }

    private void Write(UserDocument document)
    {
        var disk = new FileDisk();
        disk.CreateDirectory(_directory);
        var path = Path.Combine(_directory, FileName);
        if (!HashOf(path).AsSpan().SequenceEqual(_onDisk))
        {
            throw new IOException($"{path} was changed by another program since this node read it: start the node again, and it takes that in");
        }

        var octets = document.ToJson();
        var next = path + ".new";
        File.Delete(next);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var file = new FileStream(next, options))
        {
            file.Write(octets.Span);
            file.Flush(flushToDisk: true);
        }

        disk.Rename(next, path);
        _onDisk = SHA256.HashData(octets.Span);
        disk.SyncDirectory(_directory);
        _document = document;
    }

    private static byte[]? HashOf(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            return SHA256.HashData(file);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    private static ScramVerifier Invent(string name, UserDocument document)
    {
        var keys = Derive(document.Secret.Span, "keys", name);
        var salt = Derive(document.Secret.Span, "salt", name);
        var iterations = CountFor(BitConverter.ToUInt64(salt, ScramVerifier.SaltOctets), document.Iterations);
        return new ScramVerifier(salt.AsMemory(0, ScramVerifier.SaltOctets), iterations, keys, keys);
    }

    // A count that users have, by the name: one of its own would tell that a name is nobody's. Each count draws a lot for the name and the highest
    // wins, so that a name keeps its count while others come and go, as a user keeps its own.
    private static int CountFor(ulong name, ImmutableArray<int> counts)
    {
        var (winner, highest) = (ScramVerifier.IterationsDefault, 0UL);
        foreach (var count in counts)
        {
            var lot = Mix(name ^ Mix((ulong)count));
            if (lot >= highest)
            {
                (winner, highest) = (count, lot);
            }
        }

        return winner;
    }

    // The finalizer of SplitMix64: every bit of the result hangs on every one that is given.
    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
        value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
        return value ^ (value >> 31);
    }

    private static byte[] Derive(ReadOnlySpan<byte> secret, string purpose, string name) =>
        HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes($"{purpose}\0{name}"));
}
