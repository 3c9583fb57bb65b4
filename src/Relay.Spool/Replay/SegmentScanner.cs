using Relay.Spool.Records;

namespace Relay.Spool.Replay;

/// <summary>Is told what a segment holds.</summary>
internal interface ISegmentSink
{
    /// <summary>A batch begins.</summary>
    void OnBatch(in BatchHeader batch);

    /// <summary>A record that is whole.</summary>
    /// <param name="header">Its header.</param>
    /// <param name="payload">Its payload.</param>
    /// <param name="offset">Where it begins.</param>
    /// <param name="isSuspect">It stands in the last batch of a log that was not closed: it may not be durable yet.</param>
    void OnRecord(in RecordHeader header, ReadOnlySpan<byte> payload, int offset, bool isSuspect);

    /// <summary>Bytes that were durable once and are not whole now.</summary>
    /// <param name="offset">Where the damage begins.</param>
    /// <param name="length">How many bytes it spans.</param>
    /// <param name="reason">What is wrong.</param>
    /// <param name="record">The damaged record's header, where that much is valid.</param>
    void OnDamage(long offset, long length, string reason, RecordHeader? record);
}

/// <summary>What a scan learned of the segment as a whole.</summary>
/// <param name="End">Where the segment ends: as an end record says, else where its unproven last batch begins.</param>
/// <param name="IsProven">An end record says so.</param>
/// <param name="TornBytes">Bytes of the last batch that did not reach the disk.</param>
/// <param name="HasRecords">Anything valid is in it.</param>
internal readonly record struct ScanResult(int End, bool IsProven, long TornBytes, bool HasRecords);

/// <summary>Tells a segment's records, its torn tail and its damage apart.</summary>
/// <remarks>A batch is written only when the one before it is synced. So everything before the head of the last batch was durable once,
/// and only the last batch may be incomplete: a flaw before it is damage, a flaw in it is a torn tail.</remarks>
internal static class SegmentScanner
{
    /// <summary>Scans a segment.</summary>
    /// <param name="bytes">The file's bytes from the first, as many as there are.</param>
    /// <param name="header">The segment's header.</param>
    /// <param name="knownEnd">Where the segment ends, when an end record of a later segment says so.</param>
    /// <param name="sink">Is told of every record and every damage.</param>
    public static ScanResult Scan(ReadOnlySpan<byte> bytes, in SegmentHeader header, long? knownEnd, ISegmentSink sink)
    {
        var seed = Crc32C.Seed(header.Salt);
        var limit = (int)Math.Min(bytes.Length, header.Length - SegmentHeader.Size);
        if (limit < SegmentHeader.DataStart)
        {
            sink.OnDamage(bytes.Length, header.Length - bytes.Length, "The file is cut short.", null);
            return new ScanResult(SegmentHeader.DataStart, true, 0, HasRecords: false);
        }

        var survey = knownEnd is null ? Survey(bytes, seed, limit, header.SegmentId) : default;
        if ((knownEnd ?? survey.OwnEnd) is { } end)
        {
            return ScanProven(bytes, seed, limit, (int)Math.Clamp(end, SegmentHeader.DataStart, header.Length), sink);
        }

        if (bytes.Length < header.Length)
        {
            sink.OnDamage(bytes.Length, header.Length - bytes.Length, "The file is cut short.", null);
        }

        return ScanOpen(bytes, seed, limit, survey, sink);
    }

    private static ScanResult ScanProven(ReadOnlySpan<byte> bytes, uint seed, int limit, int end, ISegmentSink sink)
    {
        var walker = new SegmentWalker(bytes, seed, SegmentHeader.DataStart, Math.Min(limit, end));
        var hasRecords = false;
        while (walker.Next())
        {
            hasRecords |= Report(in walker, sink, isSuspect: false);
        }

        if (end > limit)
        {
            sink.OnDamage(limit, end - limit, "The file is cut short.", null);
        }

        return new ScanResult(end, true, 0, hasRecords);
    }

    private static ScanResult ScanOpen(ReadOnlySpan<byte> bytes, uint seed, int limit, in SurveyResult survey, ISegmentSink sink)
    {
        var walker = new SegmentWalker(bytes, seed, SegmentHeader.DataStart, limit);
        var torn = 0L;
        var hasRecords = false;
        while (walker.Next())
        {
            var isTornHere = walker.Offset >= survey.TornFrom;
            if (isTornHere && walker.Item == WalkerItem.Gap)
            {
                torn += Math.Max(0, Math.Min(walker.Offset + walker.Length, survey.LastBatchEnd) - (long)walker.Offset);
            }
            else if (isTornHere && walker.Item == WalkerItem.Record && !walker.IsPayloadWhole)
            {
                torn += walker.Length;
            }
            else
            {
                hasRecords |= Report(in walker, sink, walker.Offset >= survey.SuspectFrom);
            }
        }

        return new ScanResult(survey.SuspectFrom, false, torn, hasRecords);
    }

    private static bool Report(in SegmentWalker walker, ISegmentSink sink, bool isSuspect)
    {
        switch (walker.Item)
        {
            case WalkerItem.Batch:
                sink.OnBatch(walker.Batch);
                return false;
            case WalkerItem.Gap:
                sink.OnDamage(walker.Offset, walker.Length, "No batch or record is valid here.", null);
                return false;
            case WalkerItem.Record when walker.IsPayloadWhole:
                sink.OnRecord(walker.Record, walker.Payload, walker.Offset, isSuspect);
                return true;
            default:
                sink.OnDamage(walker.Offset, walker.Length, "The record does not match its checksum.", walker.Record);
                return true;
        }
    }

    /// <summary>Finds the last batch, and an end record that the segment holds about itself because it was closed in order.</summary>
    private static SurveyResult Survey(ReadOnlySpan<byte> bytes, uint seed, int limit, ulong segmentId)
    {
        var walker = new SegmentWalker(bytes, seed, SegmentHeader.DataStart, limit);
        var lastBatch = SegmentHeader.DataStart;
        var lastBatchEnd = SegmentHeader.DataStart;
        var isPastLastBatch = false;
        long? ownEnd = null;
        while (walker.Next())
        {
            if (walker.Item == WalkerItem.Batch)
            {
                lastBatch = walker.Offset;
                lastBatchEnd = (int)Math.Min(limit, walker.Offset + (long)BatchHeader.Size + walker.Batch.Length);
                isPastLastBatch = false;
            }
            else if (walker.Item == WalkerItem.Record)
            {
                isPastLastBatch |= walker.Offset >= lastBatchEnd;
                if (walker.Record.Type == RecordType.End && walker.IsPayloadWhole
                    && SegmentEnd.TryRead(walker.Payload, out var end) && end.SegmentId == segmentId)
                {
                    ownEnd = end.Offset;
                }
            }
        }

        // Records behind the last batch belong to a later one whose head is gone: so the batch before it was durable.
        return new SurveyResult(lastBatch, isPastLastBatch ? lastBatchEnd : lastBatch, lastBatchEnd, ownEnd);
    }

    private readonly record struct SurveyResult(int SuspectFrom, int TornFrom, int LastBatchEnd, long? OwnEnd);
}
