namespace Relay.Smtp.Client;

/// <summary>What became of one recipient in one attempt.</summary>
public enum OutcomeKind
{
    /// <summary>The next hop answered the final dot with 2xx and is responsible now.</summary>
    Delivered,

    /// <summary>Not now: to be tried again.</summary>
    Deferred,

    /// <summary>Never: the sender is to be told.</summary>
    Bounced,
}
