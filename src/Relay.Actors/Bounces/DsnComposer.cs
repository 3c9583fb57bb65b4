using System.Security.Cryptography;
using System.Text;
using MimeKit;
using Relay.Smtp.Addresses;
using Relay.Smtp.Envelopes;

namespace Relay.Actors.Bounces;

/// <summary>Composes delivery status notifications: multipart/report (RFC 6522) of a text, a status part (RFC 3464) and the original or its header.</summary>
/// <remarks>
/// Pure: the same request makes the same octets. When an address or the original's header is not ASCII, the last two parts are of the types of
/// RFC 6533. What next hops said and what the original holds is hostile: it can add no field, no part and no recipient.
/// </remarks>
public static class DsnComposer
{
    private const int BoundaryHashOctets = 16;

    private static readonly FormatOptions Format = MakeFormat();

    /// <summary>Makes the report.</summary>
    /// <param name="request">What to report, and to whom.</param>
    /// <exception cref="ArgumentException">The original has the null sender, the recipients are none or too many, or the report's Message-ID is none.</exception>
    public static DsnReport Compose(DsnRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        Check(request);
        var sender = request.Original.Envelope.Sender;
        var returned = ReturnedPart.Of(request);
        var isGlobal = IsGlobal(request, returned);
        var words = HumanPart.Write(request, returned.IsWhole ? "message" : "header of your message");
        var status = StatusPart.Write(request, isGlobal);
        using var text = TextPart(words);
        using var statusPart = new ExactPart("message", isGlobal ? "global-delivery-status" : "delivery-status", status);
        using var original = OriginalPart(returned, isGlobal);
        using var report = new MultipartReport("delivery-status")
        {
            Boundary = Boundary(request, words, status, returned.Octets.Span),
        };
        report.Add(text);
        report.Add(statusPart);
        report.Add(original);
        using var message = new MimeMessage();
        WriteHeader(message.Headers, request, OriginalMessageId.Find(returned.Header.Span));
        message.Body = report;
        using var output = new MemoryStream();
        message.WriteTo(Format, output);
        var octets = output.ToArray();
        var has8Bit = ReturnedPart.HasOver127(octets);
        var parameters = new MailParameters(
            octets.Length, has8Bit ? BodyType.EightBitMime : BodyType.SevenBit, sender.IsUtf8, DsnReturn.Unspecified, null);
        var recipient = new EnvelopeRecipient(sender, DsnNotify.Never, null);
        return new DsnReport(new Envelope(MailPath.Null, parameters, [recipient]), octets, has8Bit);
    }

    private static void Check(DsnRequest request)
    {
        if (request.Original.Envelope.Sender.IsNull)
        {
            throw new ArgumentException("A message from the null sender gets no report.", nameof(request));
        }

        if (request.Recipients.Count is < 1 or > DsnLimits.RecipientsMax)
        {
            throw new ArgumentException($"A report is about 1 to {DsnLimits.RecipientsMax} recipients.", nameof(request));
        }

        if (!OriginalMessageId.IsPlain(request.ReportMessageId))
        {
            throw new ArgumentException("The report's Message-ID is not left@right.", nameof(request));
        }
    }

    private static FormatOptions MakeFormat()
    {
        var format = FormatOptions.Default.Clone();
        format.NewLineFormat = NewLineFormat.Dos;
        format.International = true; // addresses go as they are; everything else that we put into a header is ASCII
        return format;
    }

    /// <summary>True when the report is about internationalized mail: some address or the original's header is not ASCII.</summary>
    private static bool IsGlobal(DsnRequest request, ReturnedPart returned) =>
        request.Original.Envelope.Sender.IsUtf8
        || (request.Original.Envelope.Parameters.SmtpUtf8 && ReturnedPart.HasOver127(returned.Header.Span))
        || request.Recipients.Any(static item =>
            item.Recipient.Path.IsUtf8 || (item.Recipient.OriginalRecipient is { } original && !Ascii.IsValid(original)));

    // RFC 3834 for Auto-Submitted; the rest RFC 5322. The values are raw: checked, and not to be folded or encoded.
    private static void WriteHeader(HeaderList header, DsnRequest request, string? cause)
    {
        header.Clear();
        Add(header, "Date", DsnText.Date(request.Now));
        Add(header, "From", $"Mail Delivery System <MAILER-DAEMON@{DsnText.Host(request.ReportingMta)}>");
        Add(header, "To", $"<{request.Original.Envelope.Sender.Text}>");
        Add(header, "Subject", HumanPart.Subject(request));
        Add(header, "Message-ID", $"<{request.ReportMessageId}>");
        Add(header, "Auto-Submitted", "auto-replied");
        if (cause is not null)
        {
            Add(header, "In-Reply-To", cause);
            Add(header, "References", cause);
        }

        Add(header, "MIME-Version", "1.0");
    }

    private static void Add(HeaderList header, string name, string value)
    {
        var field = new Header(name, string.Empty);
        field.SetRawValue(Encoding.UTF8.GetBytes($" {value}\r\n"));
        header.Add(field);
    }

    private static TextPart TextPart(string words)
    {
        var isPlain = Ascii.IsValid(words) && !words.Split("\r\n").Any(static line => line.Length > ReturnedPart.LineMax);
        var part = new TextPart("plain")
        {
            ContentTransferEncoding = isPlain ? ContentEncoding.SevenBit : ContentEncoding.QuotedPrintable,
        };
        part.SetText(Encoding.UTF8, words);
        return part;
    }

    private static MimePart OriginalPart(ReturnedPart returned, bool isGlobal)
    {
        var (mediaType, mediaSubtype) = (returned.IsWhole, isGlobal) switch
        {
            (true, false) => ("message", "rfc822"),
            (true, true) => ("message", "global"),
            (false, false) => ("text", "rfc822-headers"),
            (false, true) => ("message", "global-headers"),
        };
        if (!returned.NeedsEncoding)
        {
            return new ExactPart(mediaType, mediaSubtype, returned.Octets);
        }

        return new MimePart(mediaType, mediaSubtype)
        {
            Content = new MimeContent(new MemoryStream(returned.Octets.ToArray())),
            ContentTransferEncoding = ContentEncoding.Base64,
        };
    }

    // A boundary that is made of all that stands between it: nobody can write a text that holds its own hash.
    private static string Boundary(DsnRequest request, string words, byte[] status, ReadOnlySpan<byte> returned)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(request.ReportMessageId));
        hash.AppendData(Encoding.UTF8.GetBytes(words));
        hash.AppendData(status);
        hash.AppendData(returned);
        return $"=_{Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, BoundaryHashOctets))}";
    }
}
