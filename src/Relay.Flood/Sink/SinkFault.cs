using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Relay.Smtp.Replies;

namespace Relay.Flood.Sink;

/// <summary>A refusal that the sink gives at one place: <c>RCPT=451 4.2.1 Mailbox busy</c>.</summary>
/// <param name="Place">Where; never <see cref="SinkPlace.AfterDot"/>.</param>
/// <param name="Reply">What is answered. A 421 also ends the connection (RFC 5321 section 3.8).</param>
public sealed record SinkFault(SinkPlace Place, SmtpReply Reply)
{
    /// <summary>Text of a fault in characters, so that the reply line stays within 512 octets (RFC 5321 section 4.5.3.1.5).</summary>
    public const int TextMax = 450;

    private const string DefaultText = "Refused by the sink's settings";

    /// <summary>Reads <c>PLACE=CODE</c>, <c>PLACE=CODE text</c> or <c>PLACE=CODE x.y.z text</c>.</summary>
    /// <param name="text">PLACE is CONNECT, EHLO, MAIL, RCPT, DATA or DOT in any case; CODE is 400 to 599; the text is printable
    /// ASCII.</param>
    /// <param name="fault">The fault, or null.</param>
    /// <param name="error">What is wrong with the text, or null.</param>
    /// <remarks>Without x.y.z the enhanced status is 4.0.0 or 5.0.0 (RFC 3463), none at CONNECT and EHLO (RFC 2034 section 3).</remarks>
    public static bool TryParse(string text, [NotNullWhen(true)] out SinkFault? fault, [NotNullWhen(false)] out string? error)
    {
        ArgumentNullException.ThrowIfNull(text);
        fault = null;
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        if (equals < 0)
        {
            error = $"\"{text}\" is not PLACE=CODE, such as RCPT=451";
            return false;
        }

        if (!SinkPlaces.TryParse(text.AsSpan(0, equals), out var place) || place == SinkPlace.AfterDot)
        {
            error = $"\"{text[..equals]}\" is not a place for a fault: CONNECT, EHLO, MAIL, RCPT, DATA or DOT";
            return false;
        }

        error = ReadReply(text.AsSpan(equals + 1), place, out var reply);
        fault = error is null ? new SinkFault(place, reply!) : null;
        return fault is not null;
    }

    private static string? ReadReply(ReadOnlySpan<char> text, SinkPlace place, out SmtpReply? reply)
    {
        reply = null;
        if (!TryTakeCode(ref text, out var code))
        {
            return "the code of a fault is 400 to 599";
        }

        var status = place is SinkPlace.Connect or SinkPlace.Ehlo
            ? EnhancedStatus.None
            : new EnhancedStatus((short)(code / 100), 0, 0);
        var space = text.IndexOf(' ');
        var word = space < 0 ? text : text[..space];
        if (TryReadStatus(word, out var given))
        {
            if (given.Class != code / 100)
            {
                return $"the enhanced status {given} does not go with {code}";
            }

            status = given;
            text = space < 0 ? [] : text[(space + 1)..].Trim(' ');
        }

        if (text.Length > TextMax || text.ContainsAnyExceptInRange(' ', '~'))
        {
            return $"the text of a fault is at most {TextMax} printable ASCII characters";
        }

        reply = new SmtpReply(code, status, text.IsEmpty ? DefaultText : text.ToString());
        return null;
    }

    private static bool TryTakeCode(ref ReadOnlySpan<char> text, out int code)
    {
        code = 0;
        if (text.Length < 3 || (text.Length > 3 && text[3] != ' ') || text[..3].ContainsAnyExceptInRange('0', '9'))
        {
            return false;
        }

        code = int.Parse(text[..3], NumberStyles.None, CultureInfo.InvariantCulture);
        text = text[3..].Trim(' ');
        return code is >= 400 and < 600;
    }

    private static bool TryReadStatus(ReadOnlySpan<char> word, out EnhancedStatus status)
    {
        status = EnhancedStatus.None;
        Span<Range> parts = stackalloc Range[4];
        if (word.Split(parts, '.') != 3
            || !TryReadNumber(word[parts[0]], out var @class)
            || !TryReadNumber(word[parts[1]], out var subject)
            || !TryReadNumber(word[parts[2]], out var detail))
        {
            return false;
        }

        status = new EnhancedStatus(@class, subject, detail);
        return @class is 2 or 4 or 5;
    }

    private static bool TryReadNumber(ReadOnlySpan<char> digits, out short number)
    {
        number = 0;
        return digits.Length is >= 1 and <= 3 && short.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }
}
