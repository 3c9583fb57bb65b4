using System.Diagnostics.CodeAnalysis;
using Relay.Smtp.Addresses;
using Relay.Smtp.Envelopes;
using Relay.Smtp.Replies;

namespace Relay.Smtp.Commands;

/// <summary>MAIL FROM with its parameters: SIZE, BODY, SMTPUTF8, RET, ENVID, AUTH.</summary>
internal ref struct MailCommand
{
    /// <summary>ENVID in characters of xtext (RFC 3461 section 4.4).</summary>
    public const int EnvelopeIdMax = 100;

    private const int SizeDigitsMax = 20;

    private long? _size;
    private BodyType? _body;
    private bool _smtpUtf8;
    private DsnReturn _return;
    private string? _envelopeId;
    private readonly bool _takesAuth;
    private bool _hasAuth;

    private MailCommand(bool takesAuth)
    {
        _takesAuth = takesAuth;
    }

    /// <summary>Parses the argument of MAIL.</summary>
    /// <param name="argument">What follows the verb.</param>
    /// <param name="takesAuth">Whether AUTH is offered here: its parameter is part of it (RFC 4954 section 5).</param>
    /// <param name="sender">The reverse-path, when the result is null.</param>
    /// <param name="parameters">The parameters, when the result is null.</param>
    /// <returns>Null when it is well formed, else the refusal.</returns>
    public static SmtpReply? Parse(
        ReadOnlySpan<char> argument, bool takesAuth, out MailPath? sender, out MailParameters? parameters)
    {
        sender = null;
        parameters = null;
        if (!PathArgument.TrySplit(argument, "FROM:", out var text, out var rest)
            || !MailPath.TryParse(text, out var path)
            || path.IsBarePostmaster)
        {
            return CannedReplies.BadSender;
        }

        var command = new MailCommand(takesAuth);
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

        if (path.IsUtf8 && !command._smtpUtf8)
        {
            return CannedReplies.NeedsSmtpUtf8;
        }

        sender = path;
        parameters = command.ToParameters(rest);
        return null;
    }

    private readonly MailParameters ToParameters(ReadOnlySpan<char> rest) =>
        rest.IsEmpty
            ? MailParameters.None
            : new MailParameters(_size, _body ?? BodyType.SevenBit, _smtpUtf8, _return, _envelopeId);

    private SmtpReply? Take(scoped in ParameterReader parameter)
    {
        var keyword = parameter.Keyword;
        if (keyword.Equals("SIZE", StringComparison.OrdinalIgnoreCase))
        {
            return _size is null && TryParseSize(parameter.Value, out _size) ? null : CannedReplies.BadParameter;
        }

        if (keyword.Equals("BODY", StringComparison.OrdinalIgnoreCase))
        {
            return TakeBody(parameter.Value);
        }

        if (keyword.Equals("SMTPUTF8", StringComparison.OrdinalIgnoreCase))
        {
            var isGood = !_smtpUtf8 && !parameter.HasValue;
            _smtpUtf8 = true;
            return isGood ? null : CannedReplies.BadParameter;
        }

        if (keyword.Equals("RET", StringComparison.OrdinalIgnoreCase))
        {
            var isFirst = _return == DsnReturn.Unspecified;
            _return = ParseReturn(parameter.Value);
            return isFirst && _return != DsnReturn.Unspecified ? null : CannedReplies.BadParameter;
        }

        if (keyword.Equals("ENVID", StringComparison.OrdinalIgnoreCase))
        {
            return TakeEnvelopeId(parameter.Value);
        }

        return _takesAuth && keyword.Equals("AUTH", StringComparison.OrdinalIgnoreCase)
            ? TakeAuth(parameter.Value)
            : CannedReplies.UnknownParameter;
    }

    private SmtpReply? TakeBody(ReadOnlySpan<char> value)
    {
        if (value.Equals("BINARYMIME", StringComparison.OrdinalIgnoreCase))
        {
            return CannedReplies.BodyTypeNotOffered;
        }

        var isFirst = _body is null;
        _body = value.Equals("7BIT", StringComparison.OrdinalIgnoreCase) ? BodyType.SevenBit
            : value.Equals("8BITMIME", StringComparison.OrdinalIgnoreCase) ? BodyType.EightBitMime
            : null;
        return isFirst && _body is not null ? null : CannedReplies.BadParameter;
    }

    private SmtpReply? TakeEnvelopeId(ReadOnlySpan<char> value)
    {
        if (_envelopeId is not null || value.IsEmpty || value.Length > EnvelopeIdMax || !Xtext.IsValid(value))
        {
            return CannedReplies.BadParameter;
        }

        _envelopeId = value.ToString();
        return null;
    }

    // Nobody's word is taken for another's identity, so the value is checked and forgotten (RFC 4954 section 5).
    private SmtpReply? TakeAuth(ReadOnlySpan<char> value)
    {
        var isGood = !_hasAuth && !value.IsEmpty && Xtext.IsValid(value);
        _hasAuth = true;
        return isGood ? null : CannedReplies.BadParameter;
    }

    private static DsnReturn ParseReturn(ReadOnlySpan<char> value) =>
        value.Equals("FULL", StringComparison.OrdinalIgnoreCase) ? DsnReturn.Full
        : value.Equals("HDRS", StringComparison.OrdinalIgnoreCase) ? DsnReturn.Headers
        : DsnReturn.Unspecified;

    // 20 digits are allowed (RFC 1870 section 3) and may exceed what any message can have: then the largest number stands for it.
    private static bool TryParseSize(ReadOnlySpan<char> digits, [NotNullWhen(true)] out long? size)
    {
        size = null;
        if (digits.IsEmpty || digits.Length > SizeDigitsMax || digits.ContainsAnyExceptInRange('0', '9'))
        {
            return false;
        }

        size = long.TryParse(digits, out var value) ? value : long.MaxValue;
        return true;
    }
}
