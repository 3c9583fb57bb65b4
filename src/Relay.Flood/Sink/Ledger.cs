using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Relay.Smtp.Envelopes;

namespace Relay.Flood.Sink;

/// <summary>
/// One line for each accepted message, handed to the system before the reply is sent: the truth of what a client was told.
/// </summary>
/// <remarks>
/// A line is <c>time TAB id TAB recipient [TAB recipient]…</c> in UTF-8, ended by LF. The time is UTC in ISO 8601 with 7 decimals; the id
/// is the value of the first <c>X-Ledger-Id</c> field, else of <c>Message-ID</c>, else <c>-</c>; recipients are in the order they
/// were accepted, without angle brackets.
/// A killed process loses no line whose message was answered; a power cut may. A line without LF at the end of the file was not answered.
/// </remarks>
public sealed class Ledger : IDisposable
{
    private readonly Lock _writing = new();
    private readonly SafeFileHandle _file;
    private long _length;

    private Ledger(SafeFileHandle file)
    {
        _file = file;
        _length = RandomAccess.GetLength(file);
    }

    /// <summary>Opens a ledger to append to, or makes it.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <exception cref="IOException">It cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written to.</exception>
    public static Ledger Open(string path)
    {
        var ledger = new Ledger(File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read));
        ledger.EndTornLine();
        return ledger;
    }

    /// <summary>Appends a message's line.</summary>
    /// <param name="at">When it was accepted.</param>
    /// <param name="id">What identifies the message; control characters become spaces.</param>
    /// <param name="recipients">Its recipients.</param>
    /// <exception cref="IOException">The line could not be written; the message must not be accepted.</exception>
    public void Append(DateTimeOffset at, string id, IReadOnlyList<EnvelopeRecipient> recipients)
    {
        ArgumentNullException.ThrowIfNull(id);
        ArgumentNullException.ThrowIfNull(recipients);
        var line = new StringBuilder(128)
            .Append(at.UtcDateTime.ToString("O", CultureInfo.InvariantCulture))
            .Append('\t');
        foreach (var character in id)
        {
            line.Append(char.IsControl(character) ? ' ' : character);
        }

        for (var i = 0; i < recipients.Count; i++)
        {
            line.Append('\t').Append(recipients[i].Path.Text);
        }

        Write(Encoding.UTF8.GetBytes(line.Append('\n').ToString()));
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private void EndTornLine()
    {
        Span<byte> last = stackalloc byte[1];
        if (_length > 0 && RandomAccess.Read(_file, last, _length - 1) == 1 && last[0] != '\n')
        {
            Write("\n"u8);
        }
    }

    private void Write(ReadOnlySpan<byte> line)
    {
        lock (_writing)
        {
            try
            {
                RandomAccess.Write(_file, line, _length);
                _length += line.Length;
            }
            catch (IOException)
            {
                RandomAccess.SetLength(_file, _length); // half a line may be there: its message is refused
                throw;
            }
        }
    }
}
