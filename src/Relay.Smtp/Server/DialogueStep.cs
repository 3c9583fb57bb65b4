namespace Relay.Smtp.Server;

/// <summary>What the owner of a <see cref="ServerDialogue"/> has to do next.</summary>
public enum DialogueStep
{
    /// <summary>Nothing complete is left in the input: flush the output, then read more.</summary>
    NeedInput,

    /// <summary>Sender and Parameters are set: answer with AcceptMail or RefuseMail.</summary>
    DecideMail,

    /// <summary>Candidate is set: answer with AcceptRecipient or RefuseRecipient.</summary>
    DecideRecipient,

    /// <summary>DATA or the first BDAT of a transaction is about to start: answer with AcceptBody or RefuseBody.</summary>
    DecideBody,

    /// <summary>Body holds content octets to append; it is valid until the next call.</summary>
    BodyBytes,

    /// <summary>The whole body has arrived and is well formed: persist it, then AcceptMessage or RefuseMessage.</summary>
    DecideMessage,

    /// <summary>A body that had begun is dropped: discard what was appended, and call again.</summary>
    BodyAbandoned,

    /// <summary>
    /// The client wants TLS: answer with RefuseTls; or with AcceptTls, and flush, shake hands, then TlsStarted. Everything buffered from before
    /// is to be thrown away, and when the handshake fails the connection ends.
    /// </summary>
    StartTls,

    /// <summary>Claim names a user: answer with GiveVerifier or RefuseAuthentication.</summary>
    FindVerifier,

    /// <summary>Claim is complete: answer with AcceptAuthentication or RefuseAuthentication.</summary>
    DecideAuthentication,

    /// <summary>Flush, then close.</summary>
    Close,
}
