using Akka.Actor;
using Relay.Messages.Intake;
using Relay.Policy.Decisions;
using Relay.Policy.Limits;
using Relay.Smtp.Addresses;
using Relay.Smtp.Envelopes;
using Relay.Smtp.Replies;

namespace Relay.Messages.Sessions;

/// <summary>What a connection and its session say to each other: a constant number of messages a mail, never one a line or chunk.</summary>
public static class SessionMessages
{
    /// <summary>Connection to session: may this client begin a mail? Answered through <paramref name="Decision"/>.</summary>
    /// <param name="Client">Who asks.</param>
    /// <param name="Sender">The reverse-path.</param>
    /// <param name="Parameters">The parameters of MAIL.</param>
    /// <param name="Decision">Where the answer goes.</param>
    public sealed record MailRequested(ClientFacts Client, MailPath Sender, MailParameters Parameters, PendingDecision Decision);

    /// <summary>Connection to session: may this recipient be taken, whose limits the node has no lease of? Answered through
    /// <paramref name="Decision"/> with <see cref="RecipientGranted"/> or <see cref="RecipientRefused"/>.</summary>
    /// <param name="Claims">What it takes of limits; at least one.</param>
    /// <param name="Decision">Where the answer goes.</param>
    public sealed record RecipientRequested(IReadOnlyList<LimitClaim> Claims, PendingDecision Decision);

    /// <summary>Connection to session: the mail that was granted is over.</summary>
    /// <param name="IsKept">It is the queue's, which gives back what was held for it once it counts the message; else the session does.</param>
    public sealed record MailEnded(bool IsKept)
    {
        /// <summary>It is the queue's.</summary>
        public static readonly MailEnded Kept = new(true);

        /// <summary>Nothing of it is kept.</summary>
        public static readonly MailEnded NotKept = new(false);
    }

    /// <summary>Connection to session: the connection is gone.</summary>
    public sealed record ConnectionClosed
    {
        /// <summary>The only instance: it carries nothing.</summary>
        public static readonly ConnectionClosed Instance = new();
    }
}

/// <summary>A session's answer to <see cref="SessionMessages.MailRequested"/>.</summary>
public abstract record MailDecision
{
    private protected MailDecision()
    {
    }
}

/// <summary>The mail may begin, under this policy to its end.</summary>
/// <param name="Session">The session to tell of the mail's end, and to ask the next time.</param>
/// <param name="Policy">The policy for the whole transaction.</param>
/// <param name="Claims">What it took of limits.</param>
/// <param name="Hold">The room that is held for it.</param>
public sealed record MailGranted(IActorRef Session, PolicySnapshot Policy, IReadOnlyList<LimitClaim> Claims, ISpaceHold Hold) : MailDecision;

/// <summary>The mail may not begin.</summary>
/// <param name="Session">The session to ask the next time.</param>
/// <param name="Reply">What the client is told.</param>
/// <param name="Rule">The rule that decided, for the log.</param>
public sealed record MailRefused(IActorRef Session, SmtpReply Reply, string Rule) : MailDecision;

/// <summary>The recipient may be taken: what it takes of limits is taken.</summary>
public sealed record RecipientGranted : MailDecision
{
    /// <summary>The only instance: it carries nothing.</summary>
    public static readonly RecipientGranted Instance = new();
}

/// <summary>The recipient may not be taken.</summary>
/// <param name="Verdict">The limit's verdict.</param>
public sealed record RecipientRefused(Verdict Verdict) : MailDecision;
