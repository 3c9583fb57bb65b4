namespace Relay.Smtp.Envelopes;

/// <summary>What the sender declared about the content (RFC 6152, the BODY parameter).</summary>
public enum BodyType
{
    /// <summary>BODY=7BIT, or no BODY parameter.</summary>
    SevenBit,

    /// <summary>BODY=8BITMIME: octets over 127 may occur and must pass unchanged.</summary>
    EightBitMime,
}
