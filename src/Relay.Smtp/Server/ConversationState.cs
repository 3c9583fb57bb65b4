namespace Relay.Smtp.Server;

/// <summary>How far a conversation has come.</summary>
internal enum ConversationState : byte
{
    /// <summary>No EHLO or HELO yet, or none since TLS began.</summary>
    Connected,

    /// <summary>Greeted, no transaction.</summary>
    Greeted,

    /// <summary>MAIL accepted.</summary>
    SenderGiven,

    /// <summary>At least one recipient accepted.</summary>
    RecipientGiven,

    /// <summary>At least one BDAT chunk accepted, and not the last.</summary>
    Chunking,
}
