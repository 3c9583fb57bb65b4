namespace Relay.Smtp.Client;

/// <summary>Where in a conversation with a next hop an outcome was decided, and which time limit holds (RFC 5321 section 4.5.3.2).</summary>
public enum ClientStage
{
    /// <summary>No connection yet.</summary>
    Connect,

    /// <summary>The peer's greeting is awaited: 5 minutes.</summary>
    Greeting,

    /// <summary>EHLO or HELO: 5 minutes.</summary>
    Helo,

    /// <summary>STARTTLS and its handshake.</summary>
    Tls,

    /// <summary>Between transactions, RSET and MAIL: 5 minutes.</summary>
    Mail,

    /// <summary>RCPT: 5 minutes.</summary>
    Rcpt,

    /// <summary>DATA until its 354: 2 minutes.</summary>
    Data,

    /// <summary>The content is on its way: 3 minutes for a block.</summary>
    Body,

    /// <summary>The reply to the final dot: 10 minutes.</summary>
    EndOfData,

    /// <summary>QUIT.</summary>
    Quit,

    /// <summary>AUTH: 5 minutes.</summary>
    Auth,
}
