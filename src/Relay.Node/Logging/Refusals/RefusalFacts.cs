using System.Net;
using Relay.Smtp.Replies;

namespace Relay.Node.Logging.Refusals;

/// <summary>What the log tells of one refusal. The texts are a stranger's, as they came.</summary>
/// <param name="Client">The client's address.</param>
/// <param name="Listener">The listener that it came to.</param>
/// <param name="Helo">What it calls itself; null before EHLO.</param>
/// <param name="Sender">The reverse-path, empty for the null path; null before a MAIL that could be read.</param>
/// <param name="Recipient">The recipient that was refused, or the only one of a message that was; null when it was something else, or no
/// address.</param>
/// <param name="Reply">What it was told.</param>
/// <param name="Rule">The rule that decided.</param>
/// <param name="Tls">Version and cipher suite of the conversation; null without TLS.</param>
internal readonly record struct RefusalFacts(
    IPAddress Client, string Listener, string? Helo, string? Sender, string? Recipient, SmtpReply Reply, string Rule, string? Tls = null)
{
    /// <summary>Who the client has logged in as, or tries to; null for nobody.</summary>
    public string? User { get; init; }

    /// <summary>By what it tries to log in; null when it does not.</summary>
    public string? Mechanism { get; init; }
}
