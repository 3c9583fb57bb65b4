using System.Buffers;

namespace Relay.Smtp.Commands;

/// <summary>Reads the parameters of MAIL and RCPT one by one (RFC 5321 section 4.1.2: <c>keyword[=value]</c>).</summary>
internal ref struct ParameterReader
{
    private static readonly SearchValues<char> KeywordCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-");

    private ReadOnlySpan<char> _rest;

    /// <summary>Reads what follows a path.</summary>
    public ParameterReader(ReadOnlySpan<char> parameters)
    {
        _rest = parameters;
        Keyword = default;
        Value = default;
        HasValue = false;
        IsMalformed = false;
    }

    /// <summary>The keyword as sent.</summary>
    public ReadOnlySpan<char> Keyword { get; private set; }

    /// <summary>The value as sent; not empty when there is one. May hold characters outside ASCII (RFC 6531 section 3.3).</summary>
    public ReadOnlySpan<char> Value { get; private set; }

    /// <summary>There is an equals sign and a value.</summary>
    public bool HasValue { get; private set; }

    /// <summary>Reading stopped at something that is no parameter.</summary>
    public bool IsMalformed { get; private set; }

    /// <summary>Goes to the next parameter; false at the end and at a malformed one.</summary>
    public bool TryRead()
    {
        _rest = _rest.TrimStart(' ');
        if (_rest.IsEmpty)
        {
            return false;
        }

        var space = _rest.IndexOf(' ');
        var token = space < 0 ? _rest : _rest[..space];
        _rest = space < 0 ? default : _rest[space..];
        var equals = token.IndexOf('=');
        HasValue = equals >= 0;
        Keyword = HasValue ? token[..equals] : token;
        Value = HasValue ? token[(equals + 1)..] : default;
        IsMalformed = Keyword.IsEmpty
            || Keyword[0] == '-'
            || Keyword.ContainsAnyExcept(KeywordCharacters)
            || (HasValue && (Value.IsEmpty || !IsValue(Value)));
        return !IsMalformed;
    }

    private static bool IsValue(ReadOnlySpan<char> value)
    {
        foreach (var c in value)
        {
            if (c is <= ' ' or '=' or '\u007F' or (>= '\u0080' and <= '\u009F'))
            {
                return false;
            }
        }

        return true;
    }
}
