namespace Relay.Node.Outbound;

/// <summary>Where mail exchangers listen. Not a setting: tests, whose hosts are all on one machine, have another.</summary>
/// <param name="Number">Default 25.</param>
internal sealed record MailExchangerPort(int Number = 25);
