using System.Globalization;
using System.Text;

namespace Relay.Flood.Load;

/// <summary>The octets behind 354 of messages of one size: every line ends with CRLF, no line begins with a dot.</summary>
internal static class MessageText
{
    private const string Line = "All work and no play makes a dull message, and a long one is nothing but more of it.\r\n";

    /// <summary>A message with its end.</summary>
    /// <param name="octets">Size of the content; small ones are as large as their header at least.</param>
    /// <param name="subject">What its subject says.</param>
    public static byte[] Build(int octets, string subject)
    {
        var text = new StringBuilder(octets + Line.Length);
        text.Append(CultureInfo.InvariantCulture, $"From: <load@flood.example>\r\nSubject: {subject}\r\n\r\n");
        while (text.Length + Line.Length <= octets)
        {
            text.Append(Line);
        }

        var left = octets - text.Length;
        if (left > 2)
        {
            text.Append('x', left - 2).Append("\r\n");
        }

        return Encoding.ASCII.GetBytes(text.Append(".\r\n").ToString());
    }
}
