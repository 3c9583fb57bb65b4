using Relay.Smtp.Addresses;
using Relay.Smtp.Envelopes;
using Relay.Smtp.Replies;

namespace Relay.Smtp.Commands;

/// <summary>RCPT TO with its parameters: NOTIFY, ORCPT.</summary>
internal ref struct RcptCommand
{
    /// <summary>ORCPT in characters, <c>type;xtext</c> (RFC 3461 section 4.2).</summary>
    public const int OriginalRecipientMax = 500;

    private readonly bool _smtpUtf8;
    private DsnNotify _notify;
    private string? _originalRecipient;

    private RcptCommand(bool smtpUtf8) => _smtpUtf8 = smtpUtf8;

    /// <summary>Parses the argument of RCPT.</summary>
    /// <param name="argument">What follows the verb.</param>
    /// <param name="smtpUtf8">The transaction has SMTPUTF8.</param>
    /// <param name="recipient">The recipient, when the result is null.</param>
    /// <returns>Null when it is well formed, else the refusal.</returns>
    public static SmtpReply? Parse(ReadOnlySpan<char> argument, bool smtpUtf8, out EnvelopeRecipient? recipient)
    {
        recipient = null;
        if (!PathArgument.TrySplit(argument, "TO:", out var text, out var rest) || !MailPath.TryParse(text, out var path) || path.IsNull)
        {
            return CannedReplies.BadRecipient;
        }

        var command = new RcptCommand(smtpUtf8);
        var reader = new ParameterReader(rest);
        while (reader.TryRead())
        {
            if (command.Take(reader) is { } refusal)
            {
                return refusal;
            }
        }

        if (reader.IsMalformed)
        {
            return CannedReplies.BadParameter;
        }

        if (path.IsUtf8 && !smtpUtf8)
        {
            return CannedReplies.NeedsSmtpUtf8;
        }

        recipient = new EnvelopeRecipient(path, command._notify, command._originalRecipient);
        return null;
    }

    private SmtpReply? Take(scoped in ParameterReader parameter)
    {
        if (parameter.Keyword.Equals("NOTIFY", StringComparison.OrdinalIgnoreCase))
        {
            var isFirst = _notify == DsnNotify.Unspecified;
            return isFirst && TryParseNotify(parameter.Value, out _notify) ? null : CannedReplies.BadParameter;
        }

        if (!parameter.Keyword.Equals("ORCPT", StringComparison.OrdinalIgnoreCase))
        {
            return CannedReplies.UnknownParameter;
        }

        if (_originalRecipient is not null || !IsOriginalRecipient(parameter.Value, _smtpUtf8))
        {
            return CannedReplies.BadParameter;
        }

        _originalRecipient = parameter.Value.ToString();
        return null;
    }

    private static bool TryParseNotify(ReadOnlySpan<char> value, out DsnNotify notify)
    {
        notify = DsnNotify.Unspecified;
        foreach (var range in value.Split(','))
        {
            var word = value[range];
            var flag = word.Equals("NEVER", StringComparison.OrdinalIgnoreCase) ? DsnNotify.Never
                : word.Equals("SUCCESS", StringComparison.OrdinalIgnoreCase) ? DsnNotify.Success
                : word.Equals("FAILURE", StringComparison.OrdinalIgnoreCase) ? DsnNotify.Failure
                : word.Equals("DELAY", StringComparison.OrdinalIgnoreCase) ? DsnNotify.Delay
                : DsnNotify.Unspecified;
            if (flag == DsnNotify.Unspecified || (notify & flag) != 0)
            {
                return false;
            }

            notify |= flag;
        }

        return notify == DsnNotify.Never || (notify & DsnNotify.Never) == 0;
    }

    private static bool IsOriginalRecipient(ReadOnlySpan<char> value, bool smtpUtf8)
    {
        var semicolon = value.IndexOf(';');
        if (value.Length > OriginalRecipientMax || semicolon <= 0 || semicolon == value.Length - 1)
        {
            return false;
        }

        var type = value[..semicolon];
        foreach (var c in type)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.'))
            {
                return false;
            }
        }

        var address = value[(semicolon + 1)..];
        var isUtf8 = type.Equals("utf-8", StringComparison.OrdinalIgnoreCase);
        return Xtext.IsValid(address, allowUtf8: isUtf8 && smtpUtf8) && (!isUtf8 || EmbeddedCharacters.AreValid(address));
    }
}
