using System.Globalization;
using System.Text;
using Relay.Smtp.Server;

namespace Relay.Smtp.Tests.Server;

/// <summary>
/// A conversation as text, run whole, in small segments, line by line and byte by byte; all must give the same transcript.
/// </summary>
/// <remarks>
/// <c>C:</c> a line of the client, sent with CRLF. <c>R:</c> octets of the client, sent as they are. <c>S:</c> a reply line. <c>=:</c> what
/// the owner sees: <c>message</c>, <c>abandoned</c>, <c>tls</c>, <c>login</c>, <c>close</c>. Escapes in C and R: \r \n \t \0 \\ \xHH. C and R lines that
/// follow each other are sent at once, whole. An expected line may end with <c>*</c>. The first line expected is the greeting, unless it is
/// left out.
/// </remarks>
internal static class DialogueScript
{
    /// <summary>EHLO, without what TLS lets us offer.</summary>
    public const string Hello = Extensions + "S: 250 DSN\n";

    /// <summary>EHLO where STARTTLS is offered and has not been said.</summary>
    public const string HelloBeforeTls = Extensions + "S: 250-STARTTLS\nS: 250 DSN\n";

    /// <summary>EHLO and STARTTLS, to the end of the handshake.</summary>
    public const string Tls = HelloBeforeTls + "C: STARTTLS\nS: 220 2.0.0 *\n=: tls\n";

    /// <summary>EHLO where AUTH is offered.</summary>
    public const string HelloWithAuth = Extensions + "S: 250-AUTH PLAIN LOGIN SCRAM-SHA-256\nS: 250 DSN\n";

    public const string Envelope = Hello + """
        C: MAIL FROM:<a@b.example>
        C: RCPT TO:<u@relay.example>
        S: 250 2.1.0 *
        S: 250 2.1.5 *

        """;

    public const string Data = Envelope + """
        C: DATA
        S: 354 *

        """;

    private const string Extensions = """
        C: EHLO client.example
        S: 250-*
        S: 250-PIPELINING
        S: 250-SIZE *
        S: 250-8BITMIME
        S: 250-SMTPUTF8
        S: 250-ENHANCEDSTATUSCODES
        S: 250-CHUNKING

        """;

    public static readonly ServerDialogueOptions Options = new() { HostName = "mx.relay.example" };

    public static readonly MessageLimits Limits = new(SizeMax: 100_000, RecipientsMax: 100, HopsMax: 100);

    /// <summary>Runs a script in all four ways.</summary>
    public static void Run(
        string script, ServerDialogueOptions? options = null, MessageLimits? limits = null, string? identity = null)
    {
        Run(script, "whole", (owner, octets) => owner.Feed(octets), options, limits, identity);
        Run(script, "in segments of 3", (owner, octets) => owner.Feed(octets, 3), options, limits, identity);
        Run(script, "line by line", FeedLines, options, limits, identity);
        Run(script, "byte by byte", FeedBytes, options, limits, identity);
    }

    /// <summary>Runs a script whose meaning is that octets arrive together.</summary>
    public static void RunWhole(string script, ServerDialogueOptions? options = null, MessageLimits? limits = null) =>
        Run(script, "whole", (owner, octets) => owner.Feed(octets), options, limits);

    /// <summary>Sends everything whole and returns the owner.</summary>
    public static ScriptedOwner Send(byte[] octets, ServerDialogueOptions? options = null, MessageLimits? limits = null)
    {
        var owner = new ScriptedOwner(new ServerDialogue(options ?? Options, limits ?? Limits));
        owner.Feed(octets);
        return owner;
    }

    public static string Escape(ReadOnlySpan<byte> octets)
    {
        var text = new StringBuilder();
        foreach (var octet in octets)
        {
            text.Append((char)octet switch
            {
                '\r' => @"\r",
                '\n' => @"\n",
                '\t' => @"\t",
                '\0' => @"\0",
                '\\' => @"\\",
                >= ' ' and <= '~' and var c => c.ToString(),
                _ => $"\\x{octet:X2}",
            });
        }

        return text.ToString();
    }

    public static byte[] Unescape(string text)
    {
        var octets = new List<byte>();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\')
            {
                octets.AddRange(Encoding.UTF8.GetBytes(text, i, 1));
                continue;
            }

            i++;
            octets.Add(text[i] switch
            {
                'r' => (byte)'\r',
                'n' => (byte)'\n',
                't' => (byte)'\t',
                '0' => 0,
                '\\' => (byte)'\\',
                'x' => byte.Parse(text.AsSpan(i + 1, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture),
                var c => throw new FormatException($"Unknown escape \\{c}"),
            });
            i += text[i] == 'x' ? 2 : 0;
        }

        return [.. octets];
    }

    private static void Run(
        string script,
        string how,
        Action<ScriptedOwner, byte[]> feed,
        ServerDialogueOptions? options,
        MessageLimits? limits,
        string? identity = null)
    {
        var owner = new ScriptedOwner(new ServerDialogue(options ?? Options, limits ?? Limits)) { Identity = identity };
        var expected = new List<string>();
        var pending = new List<byte>();
        foreach (var line in script.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var body = line.Length > 3 ? line[3..] : string.Empty;
            switch (line[..2])
            {
                case "C:":
                    pending.AddRange([.. Unescape(body), .. "\r\n"u8]);
                    break;
                case "R:":
                    pending.AddRange(Unescape(body));
                    break;
                case "S:" or "=:":
                    Flush(owner, pending, feed);
                    expected.Add(line);
                    break;
                default:
                    throw new FormatException($"Not a script line: {line}");
            }
        }

        Flush(owner, pending, feed);
        AssertSame(expected, owner.Transcript, how);
    }

    private static void Flush(ScriptedOwner owner, List<byte> pending, Action<ScriptedOwner, byte[]> feed)
    {
        if (pending.Count > 0)
        {
            feed(owner, [.. pending]);
            pending.Clear();
        }
    }

    private static void AssertSame(List<string> expected, IReadOnlyList<string> actual, string how)
    {
        var isSame = expected.Count == actual.Count
            && expected.Zip(actual).All(pair => pair.First.EndsWith('*')
                ? pair.Second.StartsWith(pair.First[..^1], StringComparison.Ordinal)
                : pair.First == pair.Second);
        Assert.True(isSame, $"Run {how}, expected:\n{string.Join('\n', expected)}\n\nbut was:\n{string.Join('\n', actual)}");
    }

    private static void FeedLines(ScriptedOwner owner, byte[] octets)
    {
        var rest = octets.AsSpan();
        while (!rest.IsEmpty)
        {
            var end = rest.IndexOf((byte)'\n');
            var length = end < 0 ? rest.Length : end + 1;
            owner.Feed(rest[..length]);
            rest = rest[length..];
        }
    }

    private static void FeedBytes(ScriptedOwner owner, byte[] octets)
    {
        for (var i = 0; i < octets.Length; i++)
        {
            owner.Feed(octets.AsSpan(i, 1));
        }
    }
}
