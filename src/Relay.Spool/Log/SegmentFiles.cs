using System.Globalization;
using System.Security.Cryptography;
using Relay.Spool.Disks;
using Relay.Spool.Records;

namespace Relay.Spool.Log;

/// <summary>The files of the folder: makes, recycles and removes segments and keeps their sum within the quota at every moment.</summary>
/// <remarks>A spare carries a name that no replay reads. A file becomes a segment by a rename once its header is durable, and stops being
/// one
/// by a rename that is durable before anything relies on it. So a replay never meets a segment half made or half gone.</remarks>
internal sealed class SegmentFiles
{
    /// <summary>Ending of a segment's name.</summary>
    public const string SegmentSuffix = ".seg";

    /// <summary>Ending of a spare's name.</summary>
    public const string SpareSuffix = ".free";

    private readonly IDisk _disk;
    private readonly SpoolSettings _settings;
    private readonly Stack<string> _spares = [];
    private readonly List<(string Name, long Bytes)> _leftovers = [];
    private ulong _lastSpare;

    /// <summary>Takes over the files of a folder.</summary>
    public SegmentFiles(SpoolSettings settings, IDisk disk)
    {
        _settings = settings;
        _disk = disk;
        SegmentBytes = settings.EffectiveSegmentBytes;
    }

    /// <summary>Size of a new segment.</summary>
    public long SegmentBytes { get; }

    /// <summary>Bytes set aside for everything that is not a segment: identity, quarantine.</summary>
    public long OtherBytesMax => SegmentBytes;

    /// <summary>Bytes of all segments, spares and leftovers.</summary>
    public long SegmentFileBytes { get; private set; }

    /// <summary>Bytes of quarantine and identity.</summary>
    public long OtherBytes { get; set; }

    /// <summary>Bytes of all files.</summary>
    public long FileBytes => SegmentFileBytes + OtherBytes;

    /// <summary>Segments that can still be opened: spares, and what the quota allows to make.</summary>
    public long Available =>
        _spares.Count + Math.Max(0, (_settings.QuotaBytes - OtherBytesMax - SegmentFileBytes) / SegmentBytes);

    /// <summary>Segments that the quota holds.</summary>
    public long SegmentsMax => (_settings.QuotaBytes - OtherBytesMax) / SegmentBytes;

    /// <summary>The path of a file of the folder.</summary>
    public string PathOf(string name) => Path.Combine(_settings.Directory, name);

    /// <summary>The name of a segment.</summary>
    public static string NameOf(ulong segmentId) => segmentId.ToString("D10", CultureInfo.InvariantCulture) + SegmentSuffix;

    /// <summary>Counts a segment that was there already.</summary>
    public void AddExisting(long bytes) => SegmentFileBytes += bytes;

    /// <summary>Counts a spare that was there already.</summary>
    public void AddSpare(string name)
    {
        if (ulong.TryParse(Path.GetFileNameWithoutExtension(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            _lastSpare = Math.Max(_lastSpare, number);
        }

        _spares.Push(name);
        SegmentFileBytes += SegmentBytes;
    }

    /// <summary>Opens a fresh segment, durable with its name. It is its own probe: every step reaches the disk.</summary>
    /// <exception cref="IOException">The disk failed; nothing that counts remains.</exception>
    public Segment Open(ulong owner, ulong epoch, ulong segmentId)
    {
        Span<byte> salt = stackalloc byte[sizeof(ulong)];
        RandomNumberGenerator.Fill(salt);
        var header = new SegmentHeader(owner, epoch, segmentId, BitConverter.ToUInt64(salt), SegmentBytes);
        var spare = _spares.TryPop(out var name) ? name : NextSpareName();
        IDiskFile? file = null;
        var current = spare;
        try
        {
            if (name is null)
            {
                SegmentFileBytes += SegmentBytes;
                file = _disk.Create(PathOf(spare), SegmentBytes);
            }
            else
            {
                file = _disk.Open(PathOf(spare));
            }

            WriteHeader(file, header);
            var segmentName = NameOf(segmentId);
            _disk.Rename(PathOf(spare), PathOf(segmentName));
            current = segmentName;
            _disk.SyncDirectory(_settings.Directory);
            return new Segment(segmentName, header, file);
        }
        catch (Exception exception) when (DiskFault.Is(exception))
        {
            file?.Dispose();
            _leftovers.Add((current, SegmentBytes));
            TryRemoveLeftovers();
            throw;
        }
    }

    /// <summary>Takes a dead segment out of the log: recycled as a spare, or removed. Durable on return.</summary>
    /// <exception cref="IOException">The disk failed; the segment may still be met by a replay.</exception>
    public void Retire(Segment segment)
    {
        var isReusable = !segment.IsFaulted && segment.FileBytes == SegmentBytes && _spares.Count < _settings.ReserveSegments;
        if (isReusable)
        {
            var spare = NextSpareName();
            _disk.Rename(PathOf(segment.Name), PathOf(spare));
            segment.Name = spare;
            _disk.SyncDirectory(_settings.Directory);
            segment.File.Dispose();
            _spares.Push(spare);
            return;
        }

        _disk.Delete(PathOf(segment.Name));
        _disk.SyncDirectory(_settings.Directory);
        segment.File.Dispose();
        SegmentFileBytes -= segment.FileBytes;
    }

    /// <summary>Tries again to remove what failed attempts left; their bytes count until that is durable.</summary>
    public void TryRemoveLeftovers()
    {
        if (_leftovers.Count == 0)
        {
            return;
        }

        try
        {
            foreach (var (name, _) in _leftovers)
            {
                _disk.Delete(PathOf(name));
            }

            _disk.SyncDirectory(_settings.Directory);
        }
        catch (Exception exception) when (DiskFault.Is(exception))
        {
            return;
        }

        foreach (var (_, bytes) in _leftovers)
        {
            SegmentFileBytes -= bytes;
        }

        _leftovers.Clear();
    }

    private static void WriteHeader(IDiskFile file, in SegmentHeader header)
    {
        Span<byte> copy = stackalloc byte[SegmentHeader.Size];
        header.Write(copy);
        file.Write(0, copy);
        file.Write(header.Length - SegmentHeader.Size, copy);
        file.Sync();
    }

    private string NextSpareName() => (++_lastSpare).ToString("D10", CultureInfo.InvariantCulture) + SpareSuffix;
}

/// <summary>Tells the disk's failures from our own mistakes.</summary>
internal static class DiskFault
{
    /// <summary>Whether an exception is one that a disk may throw.</summary>
    public static bool Is(Exception exception) => exception is IOException or UnauthorizedAccessException;
}
