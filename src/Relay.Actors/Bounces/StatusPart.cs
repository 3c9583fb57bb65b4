using System.Text;
using Relay.Smtp.Addresses;

namespace Relay.Actors.Bounces;

/// <summary>The part for machines: message/delivery-status (RFC 3464 section 2) or message/global-delivery-status (RFC 6533 section 3).</summary>
internal static class StatusPart
{
    private const string Utf8Type = "utf-8";

    /// <summary>The content of the part.</summary>
    /// <param name="request">What to report.</param>
    /// <param name="isGlobal">True: values may be UTF-8.</param>
    public static byte[] Write(DsnRequest request, bool isGlobal)
    {
        var fields = new StatusFields(isGlobal);
        fields.Add("Reporting-MTA", $"dns; {DsnText.Mta(request.ReportingMta)}");
        if (request.Original.Envelope.Parameters.EnvelopeId is { } envelopeId)
        {
            fields.Add("Original-Envelope-Id", DsnText.FromXtext(envelopeId));
        }

        fields.Add("X-Relay-Message-Id", request.Cause.ToString());
        fields.Add("Arrival-Date", DsnText.Date(request.Original.AcceptedAt));
        foreach (var recipient in request.Recipients)
        {
            fields.EndBlock();
            WriteRecipient(recipient, fields);
        }

        return fields.ToOctets();
    }

    private static void WriteRecipient(DsnRecipient recipient, StatusFields fields)
    {
        if (recipient.Recipient.OriginalRecipient is { } original && OriginalRecipient(original, fields.AllowUtf8) is { } address)
        {
            fields.Add("Original-Recipient", address);
        }

        fields.Add("Final-Recipient", Typed(recipient.Recipient.Path));
        fields.Add("Action", recipient.Action switch
        {
            DsnAction.Failed => "failed",
            DsnAction.Delayed => "delayed",
            DsnAction.Delivered => "delivered",
            _ => "relayed",
        });
        fields.Add("Status", DsnStatus.Of(recipient).ToString());
        if (recipient.RemoteMta is { } host)
        {
            fields.Add("Remote-MTA", $"dns; {DsnText.Mta(host)}");
        }

        if (recipient.Outcome is { } outcome)
        {
            fields.AddText("Diagnostic-Code", $"{(recipient.HasPeersWords ? "smtp" : "x-relay")}; {outcome.Reply}");
        }

        if (recipient.LastAttempt is { } last)
        {
            fields.Add("Last-Attempt-Date", DsnText.Date(last));
        }

        if (recipient is { Action: DsnAction.Delayed, WillRetryUntil: { } until })
        {
            fields.Add("Will-Retry-Until", DsnText.Date(until));
        }
    }

    private static string Typed(MailPath path) => $"{(path.IsUtf8 ? Utf8Type : "rfc822")}; {path.Text}";

    /// <summary>ORCPT with its xtext undone; null when it is not <c>type;xtext</c> with a plain type.</summary>
    private static string? OriginalRecipient(string text, bool allowUtf8)
    {
        var semicolon = text.IndexOf(';', StringComparison.Ordinal);
        if (semicolon <= 0 || semicolon == text.Length - 1)
        {
            return null;
        }

        var type = text[..semicolon];
        if (!type.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
        {
            return null;
        }

        var address = DsnText.FromXtext(text[(semicolon + 1)..]);
        if (allowUtf8 && type.Equals(Utf8Type, StringComparison.OrdinalIgnoreCase))
        {
            address = DsnText.FromUtf8Escapes(address);
        }

        return Ascii.IsValid(address) || allowUtf8 ? $"{type}; {address}" : null;
    }
}
