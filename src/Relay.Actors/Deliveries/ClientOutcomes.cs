using Relay.Smtp.Client;
using Relay.Smtp.Replies;

namespace Relay.Actors.Deliveries;

/// <summary>What we say ourselves where no next hop has said anything.</summary>
internal static class ClientOutcomes
{
    /// <summary>The peer was silent for as long as its stage allows.</summary>
    public static readonly SmtpReply TimedOut = new(451, new(4, 4, 2), "The next hop did not answer in time");

    /// <summary>The connection ended before this transaction began.</summary>
    public static readonly SmtpReply ConnectionGone = new(421, new(4, 4, 2), "Connection to the next hop lost");

    /// <summary>Our own disk's trouble, not the peer's.</summary>
    public static readonly SmtpReply Unreadable = new(451, new(4, 3, 0), "The message cannot be read from the spool");

    /// <summary>To be tried again.</summary>
    public static RecipientOutcome Deferred(ClientStage stage, SmtpReply reply) => new(OutcomeKind.Deferred, stage, reply);
}
