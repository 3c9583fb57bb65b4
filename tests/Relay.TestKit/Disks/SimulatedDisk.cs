using Relay.Spool.Disks;

namespace Relay.TestKit.Disks;

/// <summary>A disk in memory that keeps only the promises a real one keeps, and breaks everything else by a seed.</summary>
/// <remarks>Single-threaded use replays exactly. Paths are one folder deep: only the file's name counts.</remarks>
public sealed class SimulatedDisk : IDisk
{
    private readonly Lock _gate = new();
    private readonly Random _random;
    private readonly List<NameChange> _unsyncedNames = [];
    private readonly HashSet<string> _locks = [];
    private Dictionary<string, SimulatedInode> _names = [];
    private Dictionary<string, SimulatedInode> _durableNames = [];
    private bool _isStopped;
    private int _lockEpoch;

    /// <summary>An empty disk.</summary>
    /// <param name="seed">Decides every trouble.</param>
    public SimulatedDisk(int seed)
    {
        _random = new Random(seed);
    }

    /// <summary>What goes wrong, and how often.</summary>
    public DiskFaults Faults { get; set; } = DiskFaults.None;

    /// <summary>Bytes the disk holds at most.</summary>
    public long CapacityBytes { get; set; } = long.MaxValue / 2;

    /// <summary>Operations so far.</summary>
    public long Operations { get; private set; }

    /// <summary>Syncs of files so far.</summary>
    public long Syncs { get; private set; }

    /// <summary>The most bytes that all files together ever had.</summary>
    public long PeakBytes { get; private set; }

    /// <summary>Called before every change, with its name and file; may throw what the operation should throw.</summary>
    public Action<string, string>? Before { get; set; }

    /// <summary>The names of all files.</summary>
    public IReadOnlyList<string> Names
    {
        get
        {
            lock (_gate)
            {
                return [.. _names.Keys.Order(StringComparer.Ordinal)];
            }
        }
    }

    /// <summary>A file's bytes, to be looked at and damaged.</summary>
    public byte[] Bytes(string name) => _names[name].Cache;

    /// <summary>Cuts a file short.</summary>
    public void Truncate(string name, int length)
    {
        _names[name].Cache = _names[name].Cache[..length];
        _names[name].Sync();
    }

    /// <summary>The process is killed: the cache survives it.</summary>
    public void Kill()
    {
        lock (_gate)
        {
            _isStopped = false;
            _lockEpoch++;
            _locks.Clear();
        }
    }

    /// <summary>The machine loses power: what was not synced is old, new or torn, names too.</summary>
    public void LosePower()
    {
        lock (_gate)
        {
            Kill();
            var mood = _random.Next(3);
            var kept = _random.Next(_unsyncedNames.Count + 1);
            for (var index = 0; index < _unsyncedNames.Count; index++)
            {
                if (mood == 0 ? index < kept : mood == 1 || _random.Next(2) == 0)
                {
                    _unsyncedNames[index].Apply(_durableNames);
                }
            }

            _unsyncedNames.Clear();
            foreach (var inode in _names.Values.Concat(_durableNames.Values).Distinct())
            {
                if (inode.IsDirty)
                {
                    inode.LosePower(_random);
                }
                else
                {
                    inode.RevertToDurable();
                }
            }

            _names = new Dictionary<string, SimulatedInode>(_durableNames);
            Measure();
        }
    }

    /// <inheritdoc/>
    public void CreateDirectory(string directory)
    {
    }

    /// <inheritdoc/>
    public IDisposable Lock(string path)
    {
        lock (_gate)
        {
            return _locks.Add(path) ? new Held(this, path, _lockEpoch) : throw new IOException("The file is locked.");
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<DiskEntry> List(string directory)
    {
        lock (_gate)
        {
            return [.. _names.OrderBy(pair => pair.Key, StringComparer.Ordinal)
                .Select(pair => new DiskEntry(pair.Key, pair.Value.Cache.Length))];
        }
    }

    /// <inheritdoc/>
    public IDiskFile Create(string path, long length)
    {
        lock (_gate)
        {
            var name = Enter("create", path, Faults.NameError);
            if (_names.ContainsKey(name))
            {
                throw new IOException($"{name} exists already.");
            }

            if (_names.Values.Sum(inode => (long)inode.Cache.Length) + length > CapacityBytes)
            {
                throw new IOException("No space left on device");
            }

            var made = new SimulatedInode(length);
            Change(new NameChange(null, name, made));
            return new OpenFile(this, made, name);
        }
    }

    /// <inheritdoc/>
    public IDiskFile Open(string path)
    {
        lock (_gate)
        {
            var name = Path.GetFileName(path);
            return _names.TryGetValue(name, out var inode) ? new OpenFile(this, inode, name) : throw new FileNotFoundException(name);
        }
    }

    /// <inheritdoc/>
    public void Rename(string path, string newPath)
    {
        lock (_gate)
        {
            var name = Enter("rename", path, Faults.NameError);
            if (!_names.TryGetValue(name, out var inode))
            {
                throw new FileNotFoundException(name);
            }

            Change(new NameChange(name, Path.GetFileName(newPath), inode));
        }
    }

    /// <inheritdoc/>
    public void Delete(string path)
    {
        lock (_gate)
        {
            var name = Enter("delete", path, Faults.NameError);
            if (_names.TryGetValue(name, out var inode))
            {
                Change(new NameChange(name, null, inode));
            }
        }
    }

    /// <inheritdoc/>
    public void SyncDirectory(string directory)
    {
        lock (_gate)
        {
            Enter("sync folder", directory, Faults.NameError);
            _unsyncedNames.Clear();
            _durableNames = new Dictionary<string, SimulatedInode>(_names);
        }
    }

    /// <inheritdoc/>
    public long FreeBytes(string directory)
    {
        lock (_gate)
        {
            return CapacityBytes - _names.Values.Sum(inode => (long)inode.Cache.Length);
        }
    }

    private string Enter(string operation, string path, double errorRate)
    {
        var name = Path.GetFileName(path);
        Operations++;
        if (_isStopped || (Faults.Crash > 0 && _random.NextDouble() < Faults.Crash))
        {
            _isStopped = true;
            throw new SimulatedCrashException($"{operation} {name}");
        }

        Before?.Invoke(operation, name);
        if (errorRate > 0 && _random.NextDouble() < errorRate)
        {
            throw new IOException($"Simulated failure: {operation} {name}");
        }

        return name;
    }

    private void Change(NameChange change)
    {
        change.Apply(_names);
        _unsyncedNames.Add(change);
        Measure();
    }

    private void Measure()
    {
        var bytes = 0L;
        foreach (var inode in _names.Values)
        {
            bytes += inode.Cache.Length;
        }

        PeakBytes = Math.Max(PeakBytes, bytes);
    }

    private void Write(SimulatedInode inode, string name, long offset, ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            try
            {
                Enter("write", name, Faults.WriteError);
            }
            catch (Exception)
            {
                // Stopped or failed in the middle: any part of it may have arrived.
                inode.Write(offset, bytes[.._random.Next(bytes.Length + 1)]);
                throw;
            }

            inode.Write(offset, bytes);
        }
    }

    private void Sync(SimulatedInode inode, string name)
    {
        lock (_gate)
        {
            Syncs++;
            try
            {
                Enter("sync", name, Faults.SyncError);
            }
            catch (IOException)
            {
                inode.LoseSync(_random);
                throw;
            }

            inode.Sync();
        }
    }

    private readonly record struct NameChange(string? From, string? To, SimulatedInode Inode)
    {
        public void Apply(Dictionary<string, SimulatedInode> names)
        {
            // After a loss of power an earlier change of the same name may be missing: then there is nothing to take away.
            if (From is not null && names.TryGetValue(From, out var named) && ReferenceEquals(named, Inode))
            {
                names.Remove(From);
            }

            if (To is not null)
            {
                names[To] = Inode;
            }
        }
    }

    private sealed class Held : IDisposable
    {
        private readonly SimulatedDisk _disk;
        private readonly string _path;
        private readonly int _epoch;

        public Held(SimulatedDisk disk, string path, int epoch)
        {
            _disk = disk;
            _path = path;
            _epoch = epoch;
        }

        public void Dispose()
        {
            lock (_disk._gate)
            {
                if (_epoch == _disk._lockEpoch)
                {
                    _disk._locks.Remove(_path);
                }
            }
        }
    }

    private sealed class OpenFile : IDiskFile
    {
        private readonly SimulatedDisk _disk;
        private readonly SimulatedInode _inode;
        private readonly string _name;
        private bool _isClosed;

        public OpenFile(SimulatedDisk disk, SimulatedInode inode, string name)
        {
            _disk = disk;
            _inode = inode;
            _name = name;
        }

        public long Length => _inode.Cache.Length;

        public int Read(long offset, Span<byte> buffer)
        {
            lock (_disk._gate)
            {
                ObjectDisposedException.ThrowIf(_isClosed, this);
                var count = (int)Math.Clamp(_inode.Cache.Length - offset, 0, buffer.Length);
                _inode.Cache.AsSpan((int)Math.Min(offset, _inode.Cache.Length), count).CopyTo(buffer);
                return count;
            }
        }

        public void Write(long offset, ReadOnlySpan<byte> bytes)
        {
            ObjectDisposedException.ThrowIf(_isClosed, this);
            _disk.Write(_inode, _name, offset, bytes);
        }

        public void Sync()
        {
            ObjectDisposedException.ThrowIf(_isClosed, this);
            _disk.Sync(_inode, _name);
        }

        // A file that is used after this is a mistake that a real one would punish too.
        public void Dispose() => _isClosed = true;
    }
}
