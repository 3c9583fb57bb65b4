using Relay.Smtp.Replies;

namespace Relay.Smtp.Client;

/// <summary>What we report ourselves when no reply was had from the next hop.</summary>
public static class ClientReplies
{
    /// <summary>The connection ended before a reply came.</summary>
    public static readonly SmtpReply ConnectionLost = new(421, new EnhancedStatus(4, 4, 2), "Connection to the next hop lost");

    internal static readonly SmtpReply OutOfStep =
        new(451, new EnhancedStatus(4, 5, 0), "The next hop's replies do not fit the commands it was sent");

    internal static readonly SmtpReply ContentLength =
        new(451, new EnhancedStatus(4, 3, 0), "The content has another length than announced; nothing was delivered");

    internal static readonly SmtpReply TooLarge =
        new(552, new EnhancedStatus(5, 3, 4), "The message is larger than the next hop accepts");

    internal static readonly SmtpReply No8BitMime =
        new(554, new EnhancedStatus(5, 6, 3), "The message has 8-bit content, and the next hop does not offer 8BITMIME");

    internal static readonly SmtpReply NoSmtpUtf8 =
        new(553, new EnhancedStatus(5, 6, 7), "The message needs SMTPUTF8, and the next hop does not offer it");

    internal static readonly SmtpReply BadSender = new(553, new EnhancedStatus(5, 1, 7), "The sender's address cannot be sent");

    internal static readonly SmtpReply BadRecipient = new(553, new EnhancedStatus(5, 1, 3), "The recipient's address cannot be sent");

    internal static readonly SmtpReply Loop =
        new(554, new EnhancedStatus(5, 4, 6), "The next hop has our own name: mail loops back to this host");

    internal static readonly SmtpReply Injected =
        new(451, new EnhancedStatus(4, 7, 0), "Something was sent in the clear between STARTTLS and its handshake");

    internal static readonly SmtpReply TlsNotOffered =
        new(451, new EnhancedStatus(4, 7, 4), "TLS is required, and the next hop does not offer it");

    internal static readonly SmtpReply AuthNeedsTls =
        new(451, new EnhancedStatus(4, 7, 11), "Credentials are sent over TLS only, and the connection has none");

    internal static readonly SmtpReply NoMechanism =
        new(451, new EnhancedStatus(4, 7, 4), "The next hop offers neither AUTH PLAIN nor AUTH LOGIN");

    /// <summary>TLS is required, and this was the answer to STARTTLS.</summary>
    internal static SmtpReply TlsRefused(SmtpReply reply) =>
        new(451, new EnhancedStatus(4, 7, 4), $"TLS is required, and the next hop refused it: {reply}");

    /// <summary>What a reply that could not be read is reported as.</summary>
    internal static SmtpReply Malformed(ReplyFault fault) => new(
        451,
        new EnhancedStatus(4, 5, 0),
        fault switch
        {
            ReplyFault.MixedCodes => "The next hop sent one reply with different codes",
            ReplyFault.BareLineFeed => "The next hop sent a reply line that ends with a bare LF",
            ReplyFault.LineTooLong => "The next hop sent an endless reply line",
            ReplyFault.TooManyLines => "The next hop sent a reply of too many lines",
            ReplyFault.TooLong => "The next hop sent an endless reply",
            _ => "The next hop sent what is no SMTP reply",
        });
}
