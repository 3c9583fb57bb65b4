using Relay.Messages.Ids;
using Relay.Messages.Stored;
using Relay.Smtp.Client;
using Relay.Smtp.Envelopes;

namespace Relay.Actors.Bounces;

/// <summary>Everything a delivery status notification is made of.</summary>
public sealed record DsnRequest
{
    /// <summary>The message that is reported on.</summary>
    public required MessageId Cause { get; init; }

    /// <summary>Its envelope and origin. Its sender gets the report and must not be the null path.</summary>
    public required StoredMessage Original { get; init; }

    /// <summary>Its content, as far as it was read.</summary>
    public required OriginalContent Content { get; init; }

    /// <summary>Our host name, in ASCII.</summary>
    public required string ReportingMta { get; init; }

    /// <summary>When the report is made.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>The report's own Message-ID without angle brackets, unique: <c>left@right</c>, ASCII.</summary>
    public required string ReportMessageId { get; init; }

    /// <summary>Whom it is about, 1 to <see cref="DsnLimits.RecipientsMax"/>; those the sender wants to hear of (<see cref="DsnWishes"/>).</summary>
    public required IReadOnlyList<DsnRecipient> Recipients { get; init; }
}

/// <summary>The content of the message that is reported on.</summary>
/// <param name="Head">Its first octets: all of them, or <see cref="DsnLimits.ReadOctets"/>; fewer when they could not be read.</param>
/// <param name="Size">Its size in octets.</param>
public sealed record OriginalContent(ReadOnlyMemory<byte> Head, long Size)
{
    /// <summary>True when the head is everything.</summary>
    public bool IsWhole => Head.Length == Size;
}

/// <summary>One recipient that is reported on.</summary>
/// <param name="Recipient">Address, NOTIFY and ORCPT, as accepted.</param>
/// <param name="Action">What happened.</param>
/// <param name="Outcome">How the last attempt ended; null when there was none.</param>
/// <param name="RemoteMta">
/// The host that was spoken to, as <c>AttemptFacts.NextHop</c> has it (<c>host[address]:port</c>) or a plain name; null when there was none.
/// </param>
/// <param name="LastAttempt">When the last attempt ended, or null.</param>
/// <param name="WillRetryUntil">When it is given up; told of delayed recipients only.</param>
public sealed record DsnRecipient(
    EnvelopeRecipient Recipient,
    DsnAction Action,
    RecipientOutcome? Outcome,
    string? RemoteMta,
    DateTimeOffset? LastAttempt,
    DateTimeOffset? WillRetryUntil)
{
    /// <summary>True when it failed although nobody said no: its time was over.</summary>
    public bool IsExpired => Action == DsnAction.Failed && Outcome is not { Kind: OutcomeKind.Bounced };

    /// <summary>True when the outcome's words are the peer's.</summary>
    public bool HasPeersWords => Outcome is { Reply.IsHeard: true } && RemoteMta is not null;
}
