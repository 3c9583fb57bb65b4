using System.Collections.Concurrent;
using System.IO.MemoryMappedFiles;
using Relay.Messages.Ids;

namespace Relay.Actors.Deliveries;

/// <summary>Remembers which messages are in flight, so that they are known after the process has died. Thread-safe.</summary>
public interface IFlightRecorder
{
    /// <summary>A message is in flight.</summary>
    /// <returns>What <see cref="Land"/> needs.</returns>
    int TakeOff(MessageId message);

    /// <summary>It is no longer.</summary>
    void Land(int flight);
}

/// <summary>Remembers nothing.</summary>
public sealed class NoFlightRecorder : IFlightRecorder
{
    /// <inheritdoc/>
    public int TakeOff(MessageId message) => -1;

    /// <inheritdoc/>
    public void Land(int flight)
    {
    }
}

/// <summary>A file of 64 KiB that the process writes as memory: what stands in it survives the process, also kill -9, at the cost of a few instructions.</summary>
public sealed class FlightFile : IFlightRecorder, IDisposable
{
    /// <summary>Messages that can be in flight at once; more are not remembered.</summary>
    public const int FlightsMax = 4096;

    private const int SlotBytes = 16;

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly ConcurrentBag<int> _free;

    /// <summary>Opens the file, or makes it, and begins anew.</summary>
    /// <param name="path">In the node's data directory.</param>
    /// <exception cref="IOException">It cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">It is not ours.</exception>
    public FlightFile(string path)
    {
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.OpenOrCreate, mapName: null, FlightsMax * SlotBytes);
        _view = _file.CreateViewAccessor(0, FlightsMax * SlotBytes);
        var found = new HashSet<MessageId>();
        for (var slot = 0; slot < FlightsMax; slot++)
        {
            var id = new MessageId(_view.ReadUInt64(slot * SlotBytes), _view.ReadUInt64((slot * SlotBytes) + sizeof(ulong)));
            if (id.Owner != 0)
            {
                found.Add(id);
                _view.Write(slot * SlotBytes, 0UL);
            }
        }

        Interrupted = found;
        _free = new ConcurrentBag<int>(Enumerable.Range(0, FlightsMax));
    }

    /// <summary>What was in flight when the process before this one died; empty when it ended in order.</summary>
    public IReadOnlySet<MessageId> Interrupted { get; }

    /// <inheritdoc/>
    public int TakeOff(MessageId message)
    {
        if (!_free.TryTake(out var slot))
        {
            return -1;
        }

        // The owner last: without it the slot is empty.
        _view.Write((slot * SlotBytes) + sizeof(ulong), message.Sequence);
        _view.Write(slot * SlotBytes, message.Owner);
        return slot;
    }

    /// <inheritdoc/>
    public void Land(int flight)
    {
        if (flight >= 0)
        {
            _view.Write(flight * SlotBytes, 0UL);
            _free.Add(flight);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _view.Dispose();
        _file.Dispose();
    }
}
