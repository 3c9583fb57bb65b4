using Relay.Smtp.Replies;

namespace Relay.Smtp.Client;

/// <summary>Why a connection cannot be used any more.</summary>
/// <param name="Stage">Where it broke.</param>
/// <param name="Reply">The peer's reply (a 5xx greeting means that this host refuses us), or ours when none was had.</param>
/// <param name="Kind">What it says of the mail that waits for this peer.</param>
public readonly record struct ClientFailure(ClientStage Stage, SmtpReply Reply, ClientFailureKind Kind = ClientFailureKind.Connection);

/// <summary>What the failure of a connection says of the mail that waits for its peer.</summary>
public enum ClientFailureKind
{
    /// <summary>Nothing: another time, or another host.</summary>
    Connection,

    /// <summary>
    /// TLS is demanded and not to be had here; or it was asked for, and the connection broke over that: another one, without, may be of use.
    /// Never when something was put in between STARTTLS and its handshake.
    /// </summary>
    Tls,

    /// <summary>The peer does not take our credentials, or they cannot be shown to it: the configuration's trouble, not the mail's.</summary>
    Authentication,

    /// <summary>The peer is ourselves: mail for it never arrives.</summary>
    Loop,
}
