namespace Relay.Smtp.Client;

/// <summary>Whose reply a <see cref="ClientDialogue"/> awaits; finer than <see cref="ClientStage"/>.</summary>
internal enum ClientPhase : byte
{
    Greeting,
    Ehlo,
    Helo,
    StartTls,

    /// <summary>The owner does the TLS handshake; whatever arrives meanwhile was put in by somebody else.</summary>
    Handshake,
    Auth,
    Ready,
    Reset,
    Mail,
    Recipients,
    Data,

    /// <summary>A 354 came although no recipient was accepted: a lone dot was sent, its reply does not matter (RFC 2920 section 3.1).</summary>
    LoneDot,
    Body,
    EndOfData,
    Quit,
    Closed,
    Failed,

    /// <summary>Never stays: the peer's reply does not fit the command.</summary>
    OutOfStep,

    /// <summary>Never stays: the peer waits for content that nobody may get. What it has decided stays, for the 354 proves that its replies fit the commands.</summary>
    Stranded,
}
