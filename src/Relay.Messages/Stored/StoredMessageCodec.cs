using System.Net;
using Google.Protobuf;
using Relay.Messages.Ids;
using Relay.Messages.Stored.Proto;
using Relay.Smtp.Addresses;
using Relay.Smtp.Envelopes;

namespace Relay.Messages.Stored;

/// <summary>Writes and reads the header of a spool entry (stored.proto, message StoredEnvelope).</summary>
public static class StoredMessageCodec
{
    private const long ReceptionMillisecondsMax = 365L * 24 * 60 * 60 * 1000;

    /// <summary>The header's octets.</summary>
    public static byte[] Encode(StoredMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        var (envelope, origin) = (message.Envelope, message.Origin);
        var stored = new StoredEnvelope
        {
            Sender = envelope.Sender.Text,
            DeclaredSize = envelope.Parameters.DeclaredSize ?? 0,
            EightBit = envelope.Parameters.Body == BodyType.EightBitMime,
            SmtpUtf8 = envelope.Parameters.SmtpUtf8,
            DsnReturn = (int)envelope.Parameters.Return,
            EnvelopeId = envelope.Parameters.EnvelopeId ?? string.Empty,
            ClientAddress = origin.Address.ToString(),
            HeloName = origin.HeloName ?? string.Empty,
            Listener = origin.Listener,
            User = origin.User ?? string.Empty,
            AcceptedUnixMilliseconds = message.AcceptedAt.ToUnixTimeMilliseconds(),
            BodyHas8Bit = message.BodyHas8Bit,
            HeaderIsAscii = !message.HeaderMayHave8Bit,
            ReceptionMilliseconds = (long)message.Reception.TotalMilliseconds,
        };
        if (message.Report is { } report)
        {
            stored.ReportOf = report.Message.ToString();
            stored.ReportKind = (int)report.Kind;
            stored.ReportRecipients.AddRange(report.Recipients);
        }

        foreach (var recipient in envelope.Recipients)
        {
            stored.Recipients.Add(new StoredRecipient
            {
                Path = recipient.Path.Text,
                Notify = (int)recipient.Notify,
                OriginalRecipient = recipient.OriginalRecipient ?? string.Empty,
            });
        }

        return stored.ToByteArray();
    }

    /// <summary>Reads a header back.</summary>
    /// <exception cref="InvalidDataException">The octets are not a header that <see cref="Encode"/> wrote.</exception>
    public static StoredMessage Decode(ReadOnlySpan<byte> header)
    {
        StoredEnvelope stored;
        try
        {
            stored = StoredEnvelope.Parser.ParseFrom(header);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new InvalidDataException("The header of the spool entry is not readable.", e);
        }

        if (stored.Recipients.Count == 0 || !IPAddress.TryParse(stored.ClientAddress, out var address))
        {
            throw new InvalidDataException("The header of the spool entry names no recipient or no client.");
        }

        var parameters = new MailParameters(
            stored.DeclaredSize == 0 ? null : stored.DeclaredSize,
            stored.EightBit ? BodyType.EightBitMime : BodyType.SevenBit,
            stored.SmtpUtf8,
            (DsnReturn)stored.DsnReturn,
            NullIfEmpty(stored.EnvelopeId));
        var recipients = new EnvelopeRecipient[stored.Recipients.Count];
        for (var i = 0; i < recipients.Length; i++)
        {
            var recipient = stored.Recipients[i];
            recipients[i] = new EnvelopeRecipient(
                ReadPath(recipient.Path), (DsnNotify)recipient.Notify, NullIfEmpty(recipient.OriginalRecipient));
        }

        return new StoredMessage(
            new Envelope(ReadPath(stored.Sender), parameters, recipients),
            new MessageOrigin(address, NullIfEmpty(stored.HeloName), stored.Listener, NullIfEmpty(stored.User)),
            DateTimeOffset.FromUnixTimeMilliseconds(stored.AcceptedUnixMilliseconds),
            stored.BodyHas8Bit)
        {
            HeaderMayHave8Bit = !stored.HeaderIsAscii,
            Reception = TimeSpan.FromMilliseconds(Math.Clamp(stored.ReceptionMilliseconds, 0, ReceptionMillisecondsMax)),
            Report = ReadReport(stored),
        };
    }

    private static ReportCause? ReadReport(StoredEnvelope stored)
    {
        if (stored.ReportOf.Length == 0)
        {
            return null;
        }

        return MessageId.TryParse(stored.ReportOf, out var id) && Enum.IsDefined((ReportKind)stored.ReportKind)
            ? new ReportCause(id, (ReportKind)stored.ReportKind, [.. stored.ReportRecipients])
            : throw new InvalidDataException("The header of the spool entry names no message that it reports of.");
    }

    private static MailPath ReadPath(string text)
    {
        if (text.Length == 0)
        {
            return MailPath.Null;
        }

        return MailPath.TryParse(text, out var path)
            ? path
            : throw new InvalidDataException("The header of the spool entry holds an address that does not parse.");
    }

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}
