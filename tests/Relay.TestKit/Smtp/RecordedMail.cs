namespace Relay.TestKit.Smtp;

/// <summary>A message as it came over the wire. Commands are text with one character for each octet.</summary>
/// <param name="Sender">What stood behind <c>MAIL FROM:</c>.</param>
/// <param name="Recipients">What stood behind each <c>RCPT TO:</c>.</param>
/// <param name="Data">All that followed the 354, its final dot included; null for a message in chunks.</param>
/// <param name="Chunks">The chunks; empty for a message by DATA.</param>
/// <param name="Faults">What no client may say: commands that are none, octets behind a final dot before it was answered.</param>
public sealed record RecordedMail(
    string Sender, IReadOnlyList<string> Recipients, byte[]? Data, IReadOnlyList<byte[]> Chunks, IReadOnlyList<string> Faults);
