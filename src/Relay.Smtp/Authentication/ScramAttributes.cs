using System.Text;

namespace Relay.Smtp.Authentication;

/// <summary>Reads the attributes of a SCRAM message one by one (RFC 5802 section 7): <c>a=value</c> with commas between.</summary>
internal ref struct ScramAttributes
{
    private ReadOnlySpan<byte> _rest;
    private bool _isDone;

    /// <summary>Reads what is left of a message.</summary>
    public ScramAttributes(ReadOnlySpan<byte> text)
    {
        _rest = text;
        Name = default;
        Value = default;
    }

    /// <summary>The letter.</summary>
    public byte Name { get; private set; }

    /// <summary>What stands behind the equals sign; not empty.</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>True behind the last attribute, and only when all were well formed.</summary>
    public readonly bool IsAtEnd => _isDone && Name == 0;

    /// <summary>Goes to the next one, which must be of this name.</summary>
    public bool TryRead(char name) => TryRead() && Name == name;

    /// <summary>Goes to the next one; false at the end and at what is none.</summary>
    public bool TryRead()
    {
        Name = 0;
        if (_isDone)
        {
            return false;
        }

        var comma = _rest.IndexOf((byte)',');
        var attribute = comma < 0 ? _rest : _rest[..comma];
        if (attribute.Length < 3 || !char.IsAsciiLetter((char)attribute[0]) || attribute[1] != '=' || attribute.Contains((byte)0))
        {
            return false;
        }

        _isDone = comma < 0;
        _rest = _isDone ? default : _rest[(comma + 1)..];
        Name = attribute[0];
        Value = attribute[2..];
        return true;
    }

    /// <summary>A name with its two escapes undone; null when it has another equals sign.</summary>
    public static string? NameOf(ReadOnlySpan<byte> value)
    {
        if (!StrictUtf8.TryDecode(value, out var text))
        {
            return null;
        }

        var name = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '=')
            {
                name.Append(text[i]);
                continue;
            }

            if (string.CompareOrdinal(text, i, "=2C", 0, 3) != 0 && string.CompareOrdinal(text, i, "=3D", 0, 3) != 0)
            {
                return null;
            }

            name.Append(text[i + 1] == '2' ? ',' : '=');
            i += 2;
        }

        return name.ToString();
    }
}
