using System.Text;
using Relay.Smtp.Addresses;

namespace Relay.Node.Recipients;

/// <summary>Recipients as lists compare them: octets of UTF-8, the local part without quotes and with ASCII letters in lower case.</summary>
/// <remarks>
/// RFC 5321 leaves the case of a local part to its host, and hosts that tell <c>Bob</c> from <c>bob</c> are not to be found: Postfix folds too. The
/// mail itself goes on with the local part as it was sent.
/// </remarks>
internal static class RecipientKey
{
    /// <summary>Room for any key, in octets.</summary>
    public const int OctetsMax = 2 * MailPath.OctetsMax;

    /// <summary>Writes <c>local@domain</c>.</summary>
    /// <param name="recipient">A path with a domain.</param>
    /// <param name="target">At least <see cref="OctetsMax"/>.</param>
    /// <param name="local">Octets of the local part.</param>
    /// <returns>Octets in all.</returns>
    public static int Write(MailPath recipient, Span<byte> target, out int local)
    {
        local = WriteLocal(recipient.LocalPart, target);
        target[local] = (byte)'@';
        return local + 1 + Encoding.UTF8.GetBytes(recipient.Domain!.Name, target[(local + 1)..]);
    }

    private static int WriteLocal(ReadOnlySpan<char> text, Span<byte> target)
    {
        var isQuoted = text is ['"', .., '"'] and { Length: > 1 };
        if (isQuoted)
        {
            text = text[1..^1];
        }

        var length = Encoding.UTF8.GetBytes(text, target);
        var written = 0;
        for (var i = 0; i < length; i++)
        {
            if (isQuoted && target[i] == (byte)'\\')
            {
                i++; // what stands behind it is meant as it is
            }

            target[written++] = target[i] is >= (byte)'A' and <= (byte)'Z' ? (byte)(target[i] | 0x20) : target[i];
        }

        return written;
    }
}
