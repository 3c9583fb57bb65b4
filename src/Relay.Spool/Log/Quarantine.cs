using System.Globalization;
using Relay.Spool.Disks;

namespace Relay.Spool.Log;

/// <summary>Keeps the bytes of damaged records for a person to look at, as far as a part of the quota allows.</summary>
internal sealed class Quarantine
{
    /// <summary>Ending of the files' names; the rest is the segment's name and the offset.</summary>
    public const string Suffix = ".damaged";

    private readonly SpoolSettings _settings;
    private readonly IDisk _disk;
    private readonly HashSet<string> _names = [];
    private readonly long _bytesMax;

    /// <summary>Takes over what earlier openings left.</summary>
    public Quarantine(SpoolSettings settings, IDisk disk, long bytesMax)
    {
        _settings = settings;
        _disk = disk;
        _bytesMax = bytesMax;
    }

    /// <summary>Bytes in use.</summary>
    public long Bytes { get; private set; }

    /// <summary>Counts a file that is there already.</summary>
    public void AddExisting(string name, long bytes)
    {
        _names.Add(name);
        Bytes += bytes;
    }

    /// <summary>Copies damaged bytes.</summary>
    /// <returns>False when there is no room or the disk fails: the segment itself must be kept then.</returns>
    public bool TryKeep(QuarantinedRecord damage, ReadOnlySpan<byte> segment)
    {
        var start = (int)Math.Min(damage.Offset, segment.Length);
        var bytes = segment[start..(int)Math.Min(damage.Offset + damage.Length, segment.Length)];
        var name = string.Create(CultureInfo.InvariantCulture, $"{damage.File}.{damage.Offset}{Suffix}");
        if (bytes.IsEmpty || _names.Contains(name))
        {
            return true;
        }

        if (Bytes + bytes.Length > _bytesMax)
        {
            return false;
        }

        _names.Add(name);
        Bytes += bytes.Length;
        try
        {
            using var file = _disk.Create(Path.Combine(_settings.Directory, name), bytes.Length);
            file.Write(0, bytes);
            file.Sync();
            return true;
        }
        catch (Exception exception) when (DiskFault.Is(exception))
        {
            return false;
        }
    }
}
