using System.Globalization;
using Relay.Spool.Disks;
using Relay.Spool.Records;
using Relay.Spool.Replay;

namespace Relay.Spool.Log;

/// <summary>Opens a folder: reads its files, replays the log, writes unproven tails again and reports what is alive.</summary>
internal sealed class LogOpener
{
    private readonly SpoolSettings _settings;
    private readonly IDisk _disk;
    private readonly TimeProvider _time;
    private readonly LogState _state = new();
    private readonly SegmentFiles _files;
    private readonly Quarantine _quarantine;
    private readonly List<QuarantinedRecord> _quarantined = [];
    private readonly List<Segment> _open = [];
    private readonly HashSet<Segment> _damaged = [];
    private ulong _lastSegmentId;
    private long _scanned;
    private long _torn;

    private LogOpener(SpoolSettings settings, IDisk disk, TimeProvider time)
    {
        _settings = settings;
        _disk = disk;
        _time = time;
        _files = new SegmentFiles(settings, disk);
        _quarantine = new Quarantine(settings, disk, _files.OtherBytesMax - 4096);
    }

    /// <summary>Opens the log. The caller holds the folder's lock.</summary>
    /// <param name="settings">Where, and every limit.</param>
    /// <param name="disk">The disk.</param>
    /// <param name="time">The clock.</param>
    /// <param name="complete">Is told of writers whose fate is decided.</param>
    /// <param name="onEntry">Is told of every live entry.</param>
    /// <param name="recovery">What was found.</param>
    public static SpoolLog Open(
        SpoolSettings settings, IDisk disk, TimeProvider time, Action<List<Completion>> complete, Action<RecoveredEntry> onEntry,
        out SpoolRecovery recovery)
    {
        var opener = new LogOpener(settings, disk, time);
        try
        {
            return opener.Open(complete, onEntry, out recovery);
        }
        catch (Exception exception)
        {
            foreach (var segment in opener._state.Segments.Values)
            {
                segment.File.Dispose();
            }

            if (DiskFault.Is(exception) && exception is not SpoolException)
            {
                throw new SpoolException(settings.Directory, $"The disk failed while the spool was opened: {exception.Message}", exception);
            }

            throw;
        }
    }

    private SpoolLog Open(Action<List<Completion>> complete, Action<RecoveredEntry> onEntry, out SpoolRecovery recovery)
    {
        var started = _time.GetTimestamp();
        var identity = ReadFolder();
        identity.Write(_disk, _settings.Directory);
        var replay = new ReplayState(_state, identity.Owner);
        Replay(replay);
        var live = replay.Finish();
        Keep(replay.Damage, default);

        var log = new SpoolLog(_settings, _time, identity, _files, _state, complete);
        log.Continue(replay.BatchNumber, _lastSegmentId);
        foreach (var segment in _open)
        {
            segment.IsSealed = false;
        }

        foreach (var segment in replay.Held)
        {
            segment.IsSealed = false;
        }

        _state.MayReclaim = true;
        log.Reclaim();
        if (_files.Available < 1)
        {
            // Better a removal that a second crash may take back than a spool that cannot start.
            Seal(replay.Held);
            log.Reclaim();
        }

        if (_files.Available < 1)
        {
            throw new SpoolException(_settings.Directory,
                $"The quota of {_settings.QuotaBytes} bytes has no room for a segment beside {_files.FileBytes} bytes in use; raise it.");
        }

        new TailRescue(log, replay, live).Run();
        log.Reclaim();
        foreach (var entry in live)
        {
            onEntry(Describe(identity.Owner, entry));
        }

        recovery = new SpoolRecovery(
            live.Count, _state.Segments.Count, _scanned, _torn, _time.GetElapsedTime(started), _quarantined);
        return log;
    }

    private void Seal(IEnumerable<Segment> segments)
    {
        foreach (var segment in segments)
        {
            segment.IsSealed = true;
        }

        _state.MayReclaim = true;
    }

    private SpoolIdentity ReadFolder()
    {
        var identity = SpoolIdentity.Read(_disk, _settings.Directory);
        var epoch = identity?.Epoch ?? 0;
        var isTidied = false;
        foreach (var (name, length) in _disk.List(_settings.Directory))
        {
            if (name.EndsWith(SegmentFiles.SegmentSuffix, StringComparison.Ordinal))
            {
                _files.AddExisting(length);
                ReadSegment(name, length, ref identity, ref epoch);
            }
            else if (name.EndsWith(SegmentFiles.SpareSuffix, StringComparison.Ordinal))
            {
                if (length == _files.SegmentBytes)
                {
                    _files.AddSpare(name);
                }
                else
                {
                    _disk.Delete(_files.PathOf(name));
                    isTidied = true;
                }
            }
            else if (name.EndsWith(Quarantine.Suffix, StringComparison.Ordinal))
            {
                _quarantine.AddExisting(name, length);
            }
        }

        if (isTidied)
        {
            _disk.SyncDirectory(_settings.Directory);
        }

        return new SpoolIdentity((identity ?? SpoolIdentity.Create()).Owner, epoch + 1);
    }

    private void ReadSegment(string name, long length, ref SpoolIdentity? identity, ref ulong epoch)
    {
        if (ulong.TryParse(Path.GetFileNameWithoutExtension(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number < ulong.MaxValue / 2)
        {
            _lastSegmentId = Math.Max(_lastSegmentId, number);
        }

        var file = _disk.Open(_files.PathOf(name));
        if (!TryReadHeader(file, length, out var header, out var version))
        {
            file.Dispose();
            _quarantined.Add(new QuarantinedRecord(name, 0, length, "Neither copy of the segment's header is whole.", null));
            return;
        }

        var problem = version != SegmentHeader.Version
            ? $"The segment has format version {version}; this version of Relay reads {SegmentHeader.Version}."
            : identity is { } known && known.Owner != header.Owner ? "The segment belongs to another spool."
            : _state.Segments.ContainsKey(header.SegmentId) ? "The segment is a copy of another one in this folder."
            : null;
        if (problem is not null)
        {
            file.Dispose();
            throw new SpoolException(_files.PathOf(name), problem);
        }

        identity ??= new SpoolIdentity(header.Owner, 0);
        epoch = Math.Max(epoch, header.Epoch);
        _lastSegmentId = Math.Max(_lastSegmentId, header.SegmentId);
        _state.Segments.Add(header.SegmentId, new Segment(name, header, file) { IsSealed = true, SealedAt = _time.GetTimestamp() });
    }

    private static bool TryReadHeader(IDiskFile file, long length, out SegmentHeader header, out uint version)
    {
        Span<byte> copy = stackalloc byte[SegmentHeader.Size];
        foreach (var offset in (ReadOnlySpan<long>)[0, length - SegmentHeader.Size])
        {
            if (offset < 0)
            {
                continue;
            }

            try
            {
                var read = file.Read(offset, copy);
                if (SegmentHeader.TryRead(copy[..read], out header, out version) && header.Length >= SegmentHeader.DataStart
                    && header.Length <= int.MaxValue)
                {
                    return true;
                }
            }
            catch (Exception exception) when (DiskFault.Is(exception))
            {
                // The other copy may be readable.
                continue;
            }
        }

        header = default;
        version = 0;
        return false;
    }

    private void Replay(ReplayState replay)
    {
        var largest = 0L;
        foreach (var segment in _state.Segments.Values)
        {
            largest = Math.Max(largest, Math.Min(segment.FileBytes, segment.Header.Length));
        }

        var buffer = GC.AllocateUninitializedArray<byte>((int)largest);
        foreach (var segment in _state.Segments.Values.Reverse())
        {
            var bytes = buffer.AsSpan(0, (int)Math.Min(segment.FileBytes, segment.Header.Length));
            SegmentReader.ReadAll(segment.File, bytes);
            var result = replay.Show(segment, bytes);
            segment.End = result.End;
            _scanned += bytes.Length;
            _torn += result.TornBytes;
            if (!Keep(replay.Damage, bytes))
            {
                segment.IsKept = true;
            }

            if (!result.IsProven && result.HasRecords)
            {
                _open.Add(segment);
            }
        }
    }

    /// <summary>Reports damage and saves its bytes.</summary>
    private bool Keep(List<QuarantinedRecord> damage, ReadOnlySpan<byte> segment)
    {
        var isKept = true;
        foreach (var record in damage)
        {
            _quarantined.Add(record);
            isKept &= _quarantine.TryKeep(record, segment);
        }

        _files.OtherBytes = _quarantine.Bytes;
        return isKept;
    }

    private RecoveredEntry Describe(ulong owner, ReplayEntry entry)
    {
        var id = new EntryId(owner, entry.Sequence);
        var indexed = _state.Entries[entry.Sequence];
        var header = new byte[entry.HeaderLength];
        var offset = indexed.Message.Offset + (entry.HeaderOffset - entry.Message.Offset);
        if (indexed.Message.Segment!.File.Read(offset, header) < header.Length)
        {
            throw new SpoolException(indexed.Message.Segment.Name, $"The header of entry {id} cannot be read.");
        }

        var state = indexed.State.Segment is null
            ? ReadOnlyMemory<byte>.Empty
            : SpoolReader.ReadRecord(indexed.State, id, RecordType.State, out _);
        return new RecoveredEntry(id, entry.AcceptedAt, header, entry.BodyLength, state);
    }
}
