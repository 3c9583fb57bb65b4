using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Relay.Flood.Sink;

/// <summary>One line of a <see cref="Ledger"/>.</summary>
/// <param name="At">When the message was accepted.</param>
/// <param name="Id">What identifies it, or <c>-</c>.</param>
/// <param name="Recipients">Its recipients, without angle brackets.</param>
public sealed record LedgerEntry(DateTimeOffset At, string Id, IReadOnlyList<string> Recipients)
{
    /// <summary>Reads a line without its LF.</summary>
    /// <param name="line">The line.</param>
    /// <param name="entry">The entry, or null for a line that a killed process tore.</param>
    public static bool TryParse(string line, [NotNullWhen(true)] out LedgerEntry? entry)
    {
        ArgumentNullException.ThrowIfNull(line);
        var parts = line.Split('\t');
        entry = null;
        if (parts.Length < 3
            || !DateTimeOffset.TryParseExact(parts[0], "O", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at))
        {
            return false;
        }

        entry = new LedgerEntry(at, parts[1], parts[2..]);
        return true;
    }
}
