using System.Buffers;
using System.Text;

namespace Relay.Flood.Sink;

/// <summary>Collects the header section of one message and finds the value that identifies the message in the ledger.</summary>
internal sealed class LedgerId
{
    /// <summary>Stands for the id of a message that has none.</summary>
    public const string None = "-";

    /// <summary>Octets of a header section: the sink refuses longer ones, so the id is always found.</summary>
    public const int HeaderBytesMax = 1024 * 1024;

    private readonly ArrayBufferWriter<byte> _header = new();
    private bool _isComplete;

    /// <summary>Takes a slice of the content; everything behind the header section costs nothing.</summary>
    public void Append(ReadOnlySpan<byte> content)
    {
        if (_isComplete)
        {
            return;
        }

        // The empty line may be split over slices, so up to three octets before this one count too.
        var from = Math.Max(0, _header.WrittenCount - 3);
        _header.Write(content[..Math.Min(content.Length, HeaderBytesMax - _header.WrittenCount)]);
        _isComplete = _header.WrittenCount == HeaderBytesMax || _header.WrittenSpan[from..].IndexOf("\r\n\r\n"u8) >= 0;
    }

    /// <summary>Forgets the message.</summary>
    public void Clear()
    {
        _header.ResetWrittenCount();
        _isComplete = false;
    }

    /// <summary>The value of X-Ledger-Id, else of Message-ID, else <see cref="None"/>; folded lines are joined.</summary>
    public string Find()
    {
        var header = _header.WrittenSpan;
        string? messageId = null;
        while (TryTakeField(ref header, out var field))
        {
            if (ValueOf(field, "X-Ledger-Id:"u8) is { } id)
            {
                return id;
            }

            messageId ??= ValueOf(field, "Message-ID:"u8);
        }

        return messageId ?? None;
    }

    private static bool TryTakeField(ref ReadOnlySpan<byte> header, out ReadOnlySpan<byte> field)
    {
        var end = 0;
        do
        {
            var line = header[end..].IndexOf("\r\n"u8);
            end = line < 0 ? header.Length : end + line + 2;
        }
        while (end < header.Length && header[end] is (byte)' ' or (byte)'\t');

        field = header[..end];
        header = header[end..];
        return field.Length > 2;
    }

    private static string? ValueOf(ReadOnlySpan<byte> field, ReadOnlySpan<byte> name)
    {
        if (field.Length < name.Length || !Ascii.EqualsIgnoreCase(field[..name.Length], name))
        {
            return null;
        }

        var value = Encoding.UTF8.GetString(field[name.Length..]).Replace("\r\n", string.Empty, StringComparison.Ordinal).Trim();
        return value.Length > 0 ? value : null;
    }
}
