using Relay.Smtp.Client;
using Relay.Smtp.Replies;

namespace Relay.Actors.Deliveries;

/// <summary>What we say ourselves where no next hop has said anything.</summary>
internal static class ClientOutcomes
{
    /// <summary>The peer was silent for as long as its stage allows.</summary>
    public static readonly SmtpReply TimedOut = new(451, new(4, 4, 2), "The next hop did not answer in time");

    /// <summary>Our own disk's trouble, not the peer's.</summary>
    public static readonly SmtpReply Unreadable = new(451, new(4, 3, 0), "The message cannot be read from the spool");

    /// <summary>Our own configuration's trouble, not the mail's.</summary>
    public static readonly SmtpReply NoCredentials = new(451, new(4, 7, 0), "Our credentials for the next hop cannot be read");

    /// <summary>TLS was offered, and did not come about.</summary>
    public static SmtpReply HandshakeFailed(NextHop hop, string problem) =>
        new(451, new(4, 7, 5), $"The TLS handshake with {hop} failed: {problem}");

    /// <summary>To be tried again.</summary>
    public static RecipientOutcome Deferred(ClientStage stage, SmtpReply reply) => new(OutcomeKind.Deferred, stage, reply);
}
