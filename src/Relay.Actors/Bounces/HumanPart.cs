using System.Text;
using Relay.Smtp.Addresses;

namespace Relay.Actors.Bounces;

/// <summary>The part for people: what happened to whose mail, why, and what happens next.</summary>
internal static class HumanPart
{
    private const int ColumnMax = 76;
    private const string Indent = "    ";

    /// <summary>The subject of the whole report: what asks most for attention.</summary>
    public static string Subject(DsnRequest request) => Gravest(request) switch
    {
        DsnAction.Failed => "Undelivered mail returned to sender",
        DsnAction.Delayed => "Delayed mail: it is still being tried",
        _ => "Report of successful delivery",
    };

    /// <summary>The text, in lines that end with CRLF.</summary>
    /// <param name="request">What to report.</param>
    /// <param name="returned">What the third part holds, in words: "message", "header of your message".</param>
    public static string Write(DsnRequest request, string returned)
    {
        var text = new StringBuilder();
        Paragraph(text, $"This is the mail system of {DsnText.Host(request.ReportingMta)}.");
        Paragraph(text, $"It is about your message that we accepted on {DsnText.Date(request.Original.AcceptedAt)}.");
        Section(text, request, DsnAction.Failed, "It could not be delivered to the recipients below and will not be tried again for them.");
        Section(
            text,
            request,
            DsnAction.Delayed,
            "It could not be delivered yet to the recipients below. You need not send it again: it is still being tried"
                + (LastTry(request) is { } until ? $" until {DsnText.Date(until)}." : "."));
        Section(text, request, DsnAction.Delivered, "It was delivered to the recipients below.");
        Section(
            text,
            request,
            DsnAction.Relayed,
            "It was handed on for the recipients below to a system that does not report deliveries. You will hear of them only if it fails.");
        Paragraph(text, $"A report for mail programs and the {returned} are attached.");
        Paragraph(text, $"For help write to postmaster and name the message {request.Cause}.");
        return text.ToString(0, text.Length - 2);
    }

    private static DsnAction Gravest(DsnRequest request) => request.Recipients.Min(static recipient => recipient.Action);

    private static DateTimeOffset? LastTry(DsnRequest request) =>
        request.Recipients.Where(static recipient => recipient.Action == DsnAction.Delayed).Max(static recipient => recipient.WillRetryUntil);

    private static void Section(StringBuilder text, DsnRequest request, DsnAction action, string opening)
    {
        DsnRecipient[] about = [.. request.Recipients.Where(recipient => recipient.Action == action)];
        if (about.Length == 0)
        {
            return;
        }

        Paragraph(text, opening);
        foreach (var recipient in about.Take(DsnLimits.ExplainedMax))
        {
            Wrap(text, Shown(recipient.Recipient.Path), string.Empty);
            Wrap(text, Why(recipient), Indent);
            text.Append("\r\n");
        }

        if (about.Length > DsnLimits.ExplainedMax)
        {
            Paragraph(text, $"And {about.Length - DsnLimits.ExplainedMax} more recipients, which the attached report names.");
        }
    }

    private static string Why(DsnRecipient recipient)
    {
        var host = recipient.RemoteMta is { } mta ? DsnText.Host(mta) : null;
        if (recipient.Action is DsnAction.Delivered or DsnAction.Relayed)
        {
            return host is null ? "Taken." : $"Taken by {host}.";
        }

        var expired = recipient.IsExpired ? "Given up after too long a time." : null;
        var words = recipient.Outcome?.Reply.ToString();
        var reason = (host, words) switch
        {
            (_, null) => null,
            (null, _) => words,
            _ when recipient.HasPeersWords => $"{host}: {words}",
            _ => $"{words} ({host})",
        };
        return (expired, reason) switch
        {
            (null, null) => "No attempt has ended yet.",
            (null, _) => reason,
            (_, null) => expired,
            _ => $"{expired} The last attempt: {reason}",
        };
    }

    private static string Shown(MailPath path) => $"<{path.Text}>";

    private static void Paragraph(StringBuilder text, string words)
    {
        Wrap(text, words, string.Empty);
        text.Append("\r\n");
    }

    // Quoted-printable or 7bit carries any line, so that words of strangers are kept whole.
    private static void Wrap(StringBuilder text, string words, string indent)
    {
        var column = 0;
        foreach (var word in DsnText.OneLine(words, DsnLimits.DiagnosticMax, allowUtf8: true).Split(' '))
        {
            if (column > 0 && column + 1 + word.Length > ColumnMax)
            {
                text.Append("\r\n");
                column = 0;
            }

            text.Append(column == 0 ? indent : " ").Append(word);
            column += (column == 0 ? indent.Length : 1) + word.Length;
        }

        text.Append("\r\n");
    }
}
