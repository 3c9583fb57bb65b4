namespace Relay.Smtp.Content;

/// <summary>
/// Why a message cannot be taken. When several apply, the greatest decides, so that the reply does not depend on how the octets were split.
/// </summary>
internal enum BodyFault : byte
{
    /// <summary>Nothing is wrong so far.</summary>
    None,

    /// <summary>The first line begins with white space: it would be read as part of the field that we put before it.</summary>
    LeadingBlank,

    /// <summary>A line is over its limit.</summary>
    LongLine,

    /// <summary>As many Received fields as a loop has.</summary>
    TooManyHops,

    /// <summary>Too many header fields.</summary>
    TooManyFields,

    /// <summary>The header section is too large.</summary>
    HeaderTooLarge,

    /// <summary>The message is too large.</summary>
    TooLarge,

    /// <summary>Bare CR, bare LF or NUL.</summary>
    BadOctet,
}
