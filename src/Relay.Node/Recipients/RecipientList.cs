using Relay.Smtp.Addresses;

namespace Relay.Node.Recipients;

/// <summary>The recipients that a file names. Immutable; costs its text and four octets an entry.</summary>
/// <remarks>
/// Keys are <c>local@domain</c>, <c>local@</c> for a local part in every domain that the list is for, and <c>@domain</c> for whatever that domain is
/// sent. They stand sorted, and are found by a binary search.
/// </remarks>
internal sealed class RecipientList
{
    /// <summary>Ends a key; no key has it.</summary>
    private const byte End = (byte)'\n';

    private const byte Tag = (byte)'+';

    private readonly byte[] _keys;
    private readonly int[] _starts;

    /// <summary>Takes keys.</summary>
    /// <param name="keys">One behind the other, each ended by LF.</param>
    /// <param name="starts">Where each begins, in any order; is sorted.</param>
    public RecipientList(byte[] keys, int[] starts)
    {
        _keys = keys;
        _starts = starts;
        Array.Sort(starts, (one, other) => KeyAt(one).SequenceCompareTo(KeyAt(other)));
    }

    /// <summary>Entries, those that came twice counted twice.</summary>
    public int Count => _starts.Length;

    /// <summary>True when the list has a recipient: as it is, without a tag (<c>user+tag</c>), or by its domain.</summary>
    /// <param name="recipient">A path with a domain.</param>
    public bool Has(MailPath recipient)
    {
        Span<byte> key = stackalloc byte[RecipientKey.OctetsMax];
        key = key[..RecipientKey.Write(recipient, key, out var local)];
        if (HasLocal(key, local) || Find(key[local..]))
        {
            return true;
        }

        var tag = key[..local].IndexOf(Tag);
        if (tag <= 0)
        {
            return false;
        }

        // The domain moves up to where the tag began.
        key[local..].CopyTo(key[tag..]);
        return HasLocal(key[..^(local - tag)], tag);
    }

    private bool HasLocal(ReadOnlySpan<byte> key, int local) => Find(key) || Find(key[..(local + 1)]);

    private bool Find(ReadOnlySpan<byte> key)
    {
        var low = 0;
        var high = _starts.Length - 1;
        while (low <= high)
        {
            var middle = low + ((high - low) / 2);
            var order = KeyAt(_starts[middle]).SequenceCompareTo(key);
            if (order == 0)
            {
                return true;
            }

            (low, high) = order < 0 ? (middle + 1, high) : (low, middle - 1);
        }

        return false;
    }

    private ReadOnlySpan<byte> KeyAt(int start)
    {
        var rest = _keys.AsSpan(start);
        return rest[..rest.IndexOf(End)];
    }
}
