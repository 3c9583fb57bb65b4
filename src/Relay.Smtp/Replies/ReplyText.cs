using System.Buffers;
using System.Globalization;
using System.Text;

namespace Relay.Smtp.Replies;

/// <summary>Makes safe values of the text a peer sent: it ends in logs, in terminals and in bounces.</summary>
internal static class ReplyText
{
    private const char Replacement = '?';
    private const int StatusPartDigitsMax = 3;

    private static readonly SearchValues<byte> PlainOctets = SearchValues.Create(
        " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~"u8);

    /// <summary>Decodes UTF-8, replaces control and format characters, and cuts.</summary>
    /// <param name="text">The octets of one line.</param>
    /// <param name="charactersMax">How much is kept.</param>
    public static string Clean(ReadOnlySpan<byte> text, int charactersMax)
    {
        if (!text.ContainsAnyExcept(PlainOctets))
        {
            return text.IsEmpty ? string.Empty : Encoding.ASCII.GetString(text.Length > charactersMax ? text[..charactersMax] : text);
        }

        // A character has four octets at the most, so that no more than this can be needed.
        var octetsMax = (int)Math.Min(text.Length, charactersMax * 4L);
        var characters = Encoding.UTF8.GetString(text[..octetsMax]).ToCharArray();
        for (var i = 0; i < characters.Length; i++)
        {
            characters[i] = Safe(characters[i]);
        }

        var kept = Math.Min(characters.Length, charactersMax);
        if (kept > 0 && char.IsHighSurrogate(characters[kept - 1]))
        {
            kept--;
        }

        return new string(characters, 0, kept);
    }

    /// <summary>Parses an enhanced status at the start of a line (RFC 2034 section 4) and takes it off the text.</summary>
    /// <param name="text">The line without its code.</param>
    /// <param name="replyClass">The first digit of the code: a status of another class is text.</param>
    public static EnhancedStatus TakeStatus(ref ReadOnlySpan<byte> text, int replyClass)
    {
        var rest = text;
        if (replyClass is not (2 or 4 or 5)
            || rest.Length < 5
            || rest[0] != '0' + replyClass
            || rest[1] != '.'
            || !TryTakeNumber(ref rest, 2, out var subject)
            || rest.IsEmpty
            || rest[0] != '.'
            || !TryTakeNumber(ref rest, 1, out var detail)
            || (!rest.IsEmpty && rest[0] != ' '))
        {
            return EnhancedStatus.None;
        }

        text = rest.IsEmpty ? rest : rest[1..];
        return new EnhancedStatus((short)replyClass, subject, detail);
    }

    /// <summary>The text without the status in front when that is the same as the first line's.</summary>
    public static ReadOnlySpan<byte> WithoutStatus(ReadOnlySpan<byte> text, EnhancedStatus status)
    {
        var rest = text;
        return !status.IsNone && TakeStatus(ref rest, status.Class) == status ? rest : text;
    }

    private static bool TryTakeNumber(ref ReadOnlySpan<byte> text, int start, out short number)
    {
        number = 0;
        var end = start;
        while (end < text.Length && end - start < StatusPartDigitsMax && text[end] is >= (byte)'0' and <= (byte)'9')
        {
            number = (short)((number * 10) + (text[end] - '0'));
            end++;
        }

        text = text[end..];
        return end > start;
    }

    private static char Safe(char character) => char.GetUnicodeCategory(character) switch
    {
        UnicodeCategory.Control => character == '\t' ? ' ' : Replacement,
        UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => Replacement,
        _ => character,
    };
}
