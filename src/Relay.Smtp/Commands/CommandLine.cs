namespace Relay.Smtp.Commands;

/// <summary>A command line taken apart: verb and argument.</summary>
internal readonly ref struct CommandLine
{
    private static readonly (string Name, SmtpVerb Verb)[] Verbs =
    [
        // The most frequent first: the search is linear.
        ("MAIL", SmtpVerb.Mail),
        ("RCPT", SmtpVerb.Rcpt),
        ("DATA", SmtpVerb.Data),
        ("BDAT", SmtpVerb.Bdat),
        ("RSET", SmtpVerb.Rset),
        ("EHLO", SmtpVerb.Ehlo),
        ("QUIT", SmtpVerb.Quit),
        ("STARTTLS", SmtpVerb.StartTls),
        ("HELO", SmtpVerb.Helo),
        ("NOOP", SmtpVerb.Noop),
        ("VRFY", SmtpVerb.Vrfy),
        ("HELP", SmtpVerb.Help),
        ("AUTH", SmtpVerb.Auth),
        ("EXPN", SmtpVerb.Unserved),
        ("ETRN", SmtpVerb.Unserved),
        ("ATRN", SmtpVerb.Unserved),
        ("TURN", SmtpVerb.Unserved),
        ("SEND", SmtpVerb.Unserved),
        ("SOML", SmtpVerb.Unserved),
        ("SAML", SmtpVerb.Unserved),
        ("XCLIENT", SmtpVerb.Impersonation),
        ("XFORWARD", SmtpVerb.Impersonation),
        ("PROXY", SmtpVerb.Proxy),
        ("GET", SmtpVerb.Http),
        ("POST", SmtpVerb.Http),
        ("PUT", SmtpVerb.Http),
        ("HEAD", SmtpVerb.Http),
        ("OPTIONS", SmtpVerb.Http),
        ("CONNECT", SmtpVerb.Http),
        ("DELETE", SmtpVerb.Http),
        ("TRACE", SmtpVerb.Http),
        ("PATCH", SmtpVerb.Http),
        ("PRI", SmtpVerb.Http),
    ];

    private CommandLine(SmtpVerb verb, ReadOnlySpan<char> argument)
    {
        Verb = verb;
        Argument = argument;
    }

    /// <summary>The verb; its letters may have any case.</summary>
    public SmtpVerb Verb { get; }

    /// <summary>What follows the verb and one space, without trailing spaces (RFC 5321 section 4.1.1).</summary>
    public ReadOnlySpan<char> Argument { get; }

    /// <summary>Takes a line without its CRLF apart.</summary>
    public static CommandLine Parse(ReadOnlySpan<char> line)
    {
        line = line.TrimEnd(' ');
        var space = line.IndexOf(' ');
        var name = space < 0 ? line : line[..space];
        foreach (var (known, verb) in Verbs)
        {
            if (name.Length == known.Length && name.Equals(known, StringComparison.OrdinalIgnoreCase))
            {
                return new CommandLine(verb, space < 0 ? default : line[(space + 1)..]);
            }
        }

        return new CommandLine(SmtpVerb.Unknown, default);
    }
}
