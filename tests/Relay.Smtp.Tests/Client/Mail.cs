using System.Text;
using Relay.Smtp.Addresses;
using Relay.Smtp.Client;
using Relay.Smtp.Envelopes;

namespace Relay.Smtp.Tests.Client;

/// <summary>One message for a test: a transaction and the content that belongs to it.</summary>
internal sealed record Mail(ClientTransaction Transaction, byte[] Content)
{
    public const string Sender = "from@sender.test";

    /// <summary>A message of one line to these recipients.</summary>
    public static Mail To(params string[] recipients) => Of(Sender, "Hello\r\n", recipients);

    public static Mail Of(string sender, string content, params string[] recipients) => Of(sender, MailParameters.None, content, recipients);

    public static Mail Of(string sender, MailParameters parameters, string content, params string[] recipients) =>
        Of(sender, parameters, content, [.. recipients.Select(path => new EnvelopeRecipient(Path(path), DsnNotify.Unspecified, null))]);

    public static Mail Of(string sender, MailParameters parameters, string content, params EnvelopeRecipient[] recipients)
    {
        var octets = Encoding.UTF8.GetBytes(content);
        var envelope = new Envelope(Path(sender), parameters, recipients);
        return new Mail(new ClientTransaction(envelope, octets.Length, octets.Any(octet => octet > 127)), octets);
    }

    public static MailPath Path(string text)
    {
        Assert.True(MailPath.TryParse(text, out var path), text);
        return path!;
    }
}
