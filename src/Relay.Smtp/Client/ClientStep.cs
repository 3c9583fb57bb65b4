namespace Relay.Smtp.Client;

/// <summary>What the owner of a <see cref="ClientDialogue"/> does next.</summary>
public enum ClientStep
{
    /// <summary>Flush the output, then read more, within the time limit of <see cref="ClientDialogue.Stage"/>.</summary>
    NeedInput,

    /// <summary>The peer awaits a TLS handshake: do it, then <see cref="ClientDialogue.TlsStarted"/>, or <see cref="ClientDialogue.ConnectionLost"/>.</summary>
    StartTls,

    /// <summary>Greeted, and no transaction is on: <see cref="ClientDialogue.Begin"/> or <see cref="ClientDialogue.Quit"/>.</summary>
    Ready,

    /// <summary>354 received: the content by <see cref="ClientDialogue.WriteBody"/>, then <see cref="ClientDialogue.EndBody"/>.</summary>
    SendBody,

    /// <summary><see cref="ClientDialogue.Outcomes"/> holds one outcome for each recipient. The connection takes the next transaction.</summary>
    TransactionDone,

    /// <summary>The connection is of no use any more: <see cref="ClientDialogue.Failure"/>. Outcomes are filled if a transaction was on.</summary>
    Failed,

    /// <summary>QUIT is answered: close.</summary>
    Closed,
}
