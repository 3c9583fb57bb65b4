using Relay.Smtp.Addresses;

namespace Relay.Policy.Values;

/// <summary>The text by which rules compare senders: local part without its quotes, <c>@</c>, canonical domain.</summary>
internal static class SenderKey
{
    /// <summary>The longest key, in characters: a path's local part and a canonical domain.</summary>
    public const int LengthMax = MailPath.OctetsMax + 1 + 255;

    /// <summary>Writes the key of a sender with a domain.</summary>
    /// <param name="sender">The sender.</param>
    /// <param name="buffer">Room for <see cref="LengthMax"/>.</param>
    /// <returns>The part of the buffer that was written.</returns>
    public static ReadOnlySpan<char> Write(MailPath sender, Span<char> buffer)
    {
        var text = sender.Text.AsSpan();
        var length = 0;
        if (text[0] == '"')
        {
            // "bad"@user.example is the same mailbox as bad@user.example.
            for (var at = 1; text[at] != '"'; at++)
            {
                at += text[at] == '\\' ? 1 : 0;
                buffer[length++] = text[at];
            }
        }
        else
        {
            length = text.IndexOf('@');
            text[..length].CopyTo(buffer);
        }

        buffer[length++] = '@';
        var domain = sender.Domain!.Name;
        domain.CopyTo(buffer[length..]);
        return buffer[..(length + domain.Length)];
    }
}
