namespace Relay.Smtp.Envelopes;

/// <summary>The parameters of MAIL FROM that travel with a message.</summary>
/// <param name="DeclaredSize">SIZE in octets (RFC 1870), or null when not given.</param>
/// <param name="Body">BODY (RFC 6152).</param>
/// <param name="SmtpUtf8">SMTPUTF8 was given (RFC 6531).</param>
/// <param name="Return">RET (RFC 3461).</param>
/// <param name="EnvelopeId">ENVID as sent, still xtext, at most 100 characters (RFC 3461); null when not given.</param>
public sealed record MailParameters(long? DeclaredSize, BodyType Body, bool SmtpUtf8, DsnReturn Return, string? EnvelopeId)
{
    /// <summary>A MAIL command without parameters.</summary>
    public static readonly MailParameters None = new(null, BodyType.SevenBit, false, DsnReturn.Unspecified, null);
}
