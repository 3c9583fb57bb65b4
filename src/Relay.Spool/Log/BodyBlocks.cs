using System.Buffers;
using Relay.Spool.Records;

namespace Relay.Spool.Log;

/// <summary>Body octets in rented memory: small blocks first, so that a small message takes little.</summary>
internal sealed class BodyBlocks
{
    /// <summary>Size of the first block in bytes; each further one is twice as large up to <see cref="BlockBytesMax"/>.</summary>
    public const int BlockBytesMin = 8 << 10;

    /// <summary>Size of the largest block in bytes.</summary>
    public const int BlockBytesMax = 64 << 10;

    private readonly MemoryBudget _budget;
    private readonly int _blockBytesMax;
    private ArraySegment<byte> _first;
    private List<ArraySegment<byte>>? _more;
    private int _lastUsed;
    private int _reserved;

    /// <summary>Starts without memory.</summary>
    /// <param name="budget">Where the memory is counted.</param>
    /// <param name="chunkBytes">Size of a chunk record: no block is larger.</param>
    public BodyBlocks(MemoryBudget budget, int chunkBytes)
    {
        _budget = budget;
        _blockBytesMax = Math.Min(BlockBytesMax, chunkBytes);
    }

    /// <summary>Octets held.</summary>
    public int Length { get; private set; }

    /// <summary>Size of the block that comes next.</summary>
    public int NextBlockBytes => Math.Min(_blockBytesMax, Count == 0 ? BlockBytesMin : Last.Count * 2);

    private int Count => _first.Array is null ? 0 : 1 + (_more?.Count ?? 0);

    private ArraySegment<byte> Last => _more is { Count: > 0 } more ? more[^1] : _first;

    /// <summary>Takes the next block; the caller has taken its bytes from the budget.</summary>
    public void AddBlock(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, _blockBytesMax);
        var block = new ArraySegment<byte>(ArrayPool<byte>.Shared.Rent(bytes), 0, bytes);
        _reserved += bytes;
        _lastUsed = 0;
        if (_first.Array is null)
        {
            _first = block;
        }
        else
        {
            (_more ??= []).Add(block);
        }
    }

    /// <summary>Copies as much as fits into the last block.</summary>
    /// <returns>Octets copied.</returns>
    public int Fill(ReadOnlySpan<byte> content)
    {
        var space = Last.AsSpan(_lastUsed);
        var count = Math.Min(content.Length, space.Length);
        content[..count].CopyTo(space);
        _lastUsed += count;
        Length += count;
        return count;
    }

    /// <summary>The checksum's state after these octets.</summary>
    public uint AppendTo(uint crc)
    {
        for (var index = 0; index < Count; index++)
        {
            crc = Crc32C.Append(crc, Block(index));
        }

        return crc;
    }

    /// <summary>Copies all octets.</summary>
    public void CopyTo(Span<byte> target)
    {
        for (var index = 0; index < Count; index++)
        {
            var block = Block(index);
            block.CopyTo(target);
            target = target[block.Length..];
        }
    }

    /// <summary>Gives the memory back.</summary>
    public void Return()
    {
        if (_first.Array is null)
        {
            return;
        }

        ArrayPool<byte>.Shared.Return(_first.Array);
        foreach (var block in _more ?? [])
        {
            ArrayPool<byte>.Shared.Return(block.Array!);
        }

        _first = default;
        _more = null;
        _lastUsed = 0;
        Length = 0;
        _budget.Release(_reserved);
        _reserved = 0;
    }

    /// <summary>All blocks but the last are full: one is added only when the one before has no room.</summary>
    private ReadOnlySpan<byte> Block(int index)
    {
        var block = index == 0 ? _first : _more![index - 1];
        return index == Count - 1 ? block.AsSpan(0, _lastUsed) : block;
    }
}
