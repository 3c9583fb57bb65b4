namespace Relay.Messages.Destinations;

/// <summary>One host of a next-hop site.</summary>
/// <param name="Preference">Lower is tried first (RFC 5321 section 5.1); equal ones in any order.</param>
/// <param name="Host">A name in lower-case A-labels without a final dot, or an address literal in brackets.</param>
public readonly record struct MailExchanger(int Preference, string Host);
