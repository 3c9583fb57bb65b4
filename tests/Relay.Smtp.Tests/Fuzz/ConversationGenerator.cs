using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Relay.Smtp.Tests.Fuzz;

/// <summary>Makes conversations that are mostly valid, and then damages them. The same seed makes the same octets.</summary>
[SuppressMessage("Security", "CA5394", Justification = "Replayable test input.")]
internal sealed class ConversationGenerator
{
    private static readonly string[] Commands =
    [
        "EHLO x\r\n", "HELO y.example\r\n", "NOOP\r\n", "RSET\r\n", "VRFY u\r\n", "HELP\r\n", "EXPN l\r\n", "QUIT\r\n", "STARTTLS\r\n",
        "AUTH PLAIN\r\n", "DATA\r\n", "BDAT 0\r\n", "BDAT 0 LAST\r\n", "BOGUS\r\n", "\r\n", "RCPT TO:<postmaster>\r\n",
        "RCPT TO:<\"q > @\"@[192.0.2.1]> NOTIFY=NEVER ORCPT=rfc822;a+2Bb\r\n", "RCPT TO:<refuse@b.example>\r\n",
        "RCPT TO:<@a,@b:defer@b.example>\r\n", "MAIL FROM:<> SIZE=10 BODY=8BITMIME RET=HDRS ENVID=x\r\n",
        "MAIL FROM:<ü@bücher.example> SMTPUTF8\r\n", "MAIL FROM:<late@b.example>\r\n", "MAIL FROM:<full@b.example>\r\n",
    ];

    private static readonly string[] BodyParts =
    [
        "Subject: x\r\n", "Received: from a\r\n by b\r\n", "\r\n", ".", "..", "...\r\n", "text\r\n", ".\r\n",
        "MAIL FROM:<smug@b.example>\r\n",
        "\xFF\x80", "QUIT\r\n", "x", "\r\n.\r\n",
    ];

    private static readonly string[] Poisons =
    [
        "\r", "\n", "\0", "\r\n", ".", "\r\n.\r\n", "\n.\n", "\r.\r", "<", ">", "\"", "\\", "@", ":", "[", "]", " ", "=", "+",
        "\x80", "\xFF",
        "\xC3\xBC", "99999999999999999999", "BDAT 5\r\n", "DATA\r\n", "RSET\r\n", "%", "!", "-1",
    ];

    private readonly Random _random;

    public ConversationGenerator(int seed) => _random = new Random(seed);

    public byte[] Generate()
    {
        var text = new StringBuilder("EHLO fuzz.example\r\n");
        for (var parts = _random.Next(1, 12); parts > 0; parts--)
        {
            if (_random.Next(3) == 0)
            {
                text.Append(Pick(Commands));
            }
            else
            {
                AppendTransaction(text);
            }
        }

        var octets = new List<byte>(Encoding.Latin1.GetBytes(text.ToString()));
        for (var damage = Math.Max(0, _random.Next(-4, 6)); damage > 0; damage--)
        {
            Damage(octets);
        }

        return [.. octets];
    }

    /// <summary>The lengths in which the octets arrive.</summary>
    public IEnumerable<int> Splits(int total)
    {
        var longest = _random.Next(1, 200);
        while (total > 0)
        {
            var length = Math.Min(total, _random.Next(1, longest + 1));
            total -= length;
            yield return length;
        }
    }

    public int SegmentSize() => _random.Next(1, 100);

    private void AppendTransaction(StringBuilder text)
    {
        text.Append("MAIL FROM:<a@b.example>\r\n");
        for (var recipients = _random.Next(1, 4); recipients > 0; recipients--)
        {
            text.Append("RCPT TO:<u@relay.example>\r\n");
        }

        if (_random.Next(2) == 0)
        {
            text.Append("DATA\r\n").Append(MakeBody()).Append("\r\n.\r\n");
            return;
        }

        for (var chunks = _random.Next(1, 4); chunks > 0; chunks--)
        {
            var body = MakeBody();
            text.Append("BDAT ").Append(body.Length).Append(chunks == 1 ? " LAST\r\n" : "\r\n").Append(body);
        }
    }

    private string MakeBody()
    {
        var body = new StringBuilder();
        for (var parts = _random.Next(0, 12); parts > 0; parts--)
        {
            body.Append(Pick(BodyParts));
        }

        return body.ToString();
    }

    private void Damage(List<byte> octets)
    {
        var at = _random.Next(octets.Count);
        switch (_random.Next(5))
        {
            case 0:
                octets[at] = (byte)_random.Next(256);
                break;
            case 1:
                octets.RemoveRange(at, Math.Min(_random.Next(1, 4), octets.Count - at));
                break;
            case 2:
                octets.InsertRange(at, octets.GetRange(at, Math.Min(_random.Next(1, 60), octets.Count - at)));
                break;
            default:
                octets.InsertRange(at, Encoding.Latin1.GetBytes(Pick(Poisons)));
                break;
        }

        if (octets.Count == 0)
        {
            octets.Add((byte)'Q');
        }
    }

    private string Pick(string[] values) => values[_random.Next(values.Length)];
}
