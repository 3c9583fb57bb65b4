using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Relay.Smtp.Envelopes;

namespace Relay.Flood.Sink;

/// <summary>The envelope of a saved message as JSON.</summary>
/// <remarks>
/// <c>from</c> and <c>to</c> are paths without angle brackets; <c>parameters</c> has what MAIL gave under the names of RFC 1870, 6152,
/// 6531 and 3461 in lower case; <c>recipientParameters</c> has one object for each recipient, with <c>notify</c> and
/// <c>orcpt</c> when given; values are as sent.
/// </remarks>
internal static class EnvelopeJson
{
    private static readonly JsonWriterOptions Options = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[] Write(SinkMessage message)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            json.WriteString("from", message.Envelope.Sender.Text);
            json.WriteStartArray("to");
            foreach (var recipient in message.Envelope.Recipients)
            {
                json.WriteStringValue(recipient.Path.Text);
            }

            json.WriteEndArray();
            WriteParameters(json, message.Envelope.Parameters);
            json.WriteStartArray("recipientParameters");
            foreach (var recipient in message.Envelope.Recipients)
            {
                WriteRecipientParameters(json, recipient);
            }

            json.WriteEndArray();
            json.WriteString("helo", message.HeloName);
            json.WriteString("peer", message.Peer.ToString());
            json.WriteString("acceptedAt", message.AcceptedAt.UtcDateTime.ToString("O", CultureInfo.InvariantCulture));
            json.WriteNumber("size", message.Size);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteParameters(Utf8JsonWriter json, MailParameters parameters)
    {
        json.WriteStartObject("parameters");
        if (parameters.DeclaredSize is { } size)
        {
            json.WriteNumber("size", size);
        }

        if (parameters.Body == BodyType.EightBitMime)
        {
            json.WriteString("body", "8BITMIME");
        }

        if (parameters.SmtpUtf8)
        {
            json.WriteBoolean("smtputf8", true);
        }

        if (parameters.Return != DsnReturn.Unspecified)
        {
            json.WriteString("ret", parameters.Return == DsnReturn.Full ? "FULL" : "HDRS");
        }

        if (parameters.EnvelopeId is { } envelopeId)
        {
            json.WriteString("envid", envelopeId);
        }

        json.WriteEndObject();
    }

    private static void WriteRecipientParameters(Utf8JsonWriter json, EnvelopeRecipient recipient)
    {
        json.WriteStartObject();
        if (recipient.Notify != DsnNotify.Unspecified)
        {
            json.WriteString("notify", recipient.Notify.ToString().ToUpperInvariant().Replace(", ", ",", StringComparison.Ordinal));
        }

        if (recipient.OriginalRecipient is { } original)
        {
            json.WriteString("orcpt", original);
        }

        json.WriteEndObject();
    }
}
