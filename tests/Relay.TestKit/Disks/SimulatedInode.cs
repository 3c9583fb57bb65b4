namespace Relay.TestKit.Disks;

/// <summary>A file's bytes: what a reader sees, and what a loss of power would leave.</summary>
internal sealed class SimulatedInode
{
    /// <summary>What a disk writes whole or not at all.</summary>
    public const int SectorBytes = 512;

    private readonly HashSet<int> _dirty = [];
    private byte[] _durable = [];

    /// <summary>A new file of zeros, not durable yet.</summary>
    public SimulatedInode(long length)
    {
        Cache = new byte[length];
    }

    /// <summary>What a reader sees.</summary>
    public byte[] Cache { get; set; }

    /// <summary>Something is not durable.</summary>
    public bool IsDirty => _dirty.Count > 0 || _durable.Length != Cache.Length;

    /// <summary>Changes bytes in the cache.</summary>
    public void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Cache.AsSpan((int)offset));
        for (var sector = (int)(offset / SectorBytes); sector * (long)SectorBytes < offset + bytes.Length; sector++)
        {
            _dirty.Add(sector);
        }
    }

    /// <summary>Makes everything durable.</summary>
    public void Sync()
    {
        Resize();
        foreach (var sector in _dirty)
        {
            CopySector(sector);
        }

        _dirty.Clear();
    }

    /// <summary>A sync that failed: some of it is durable, and the rest counts as clean though it is not.</summary>
    public void LoseSync(Random random)
    {
        Resize();
        foreach (var sector in _dirty)
        {
            if (random.Next(2) == 0)
            {
                CopySector(sector);
            }
        }

        _dirty.Clear();
    }

    /// <summary>Power is lost: each sector that was not synced is old or new, by a mood that differs from file to file.</summary>
    public void LosePower(Random random)
    {
        if (_durable.Length != Cache.Length && random.Next(2) == 0)
        {
            Resize();
        }

        var mood = random.Next(5);
        foreach (var sector in _dirty.Order())
        {
            var isKept = mood switch
            {
                0 => false,
                1 => true,
                _ => random.Next(2) == 0,
            };
            if (isKept && sector * (long)SectorBytes < _durable.Length)
            {
                CopySector(sector);
            }
        }

        _dirty.Clear();
        Cache = (byte[])_durable.Clone();
    }

    /// <summary>Power is lost with nothing unsynced: what a failed sync left only in the cache is gone.</summary>
    public void RevertToDurable() => Cache = (byte[])_durable.Clone();

    private void Resize()
    {
        if (_durable.Length != Cache.Length)
        {
            Array.Resize(ref _durable, Cache.Length);
        }
    }

    private void CopySector(int sector)
    {
        var start = sector * SectorBytes;
        var length = Math.Min(SectorBytes, Math.Min(_durable.Length, Cache.Length) - start);
        Cache.AsSpan(start, length).CopyTo(_durable.AsSpan(start));
    }
}
