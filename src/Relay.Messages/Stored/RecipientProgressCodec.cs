using System.Globalization;
using Google.Protobuf;
using Relay.Messages.Stored.Proto;
using Relay.Smtp.Client;
using Relay.Smtp.Replies;

namespace Relay.Messages.Stored;

/// <summary>Writes and reads the state of a spool entry (stored.proto, message StoredState).</summary>
public static class RecipientProgressCodec
{
    /// <summary>A peer's reply is kept to this many characters: enough to read, too little to fill a disk.</summary>
    public const int ReplyTextMax = 512;

    /// <summary>Different replies kept of one message; recipients beyond keep how they ended, but not in which words.</summary>
    public const int OutcomesMax = 64;

    private const string WordsNotKept = "(the reply was not kept)";

    /// <summary>The state's octets, one item a recipient in the envelope's order.</summary>
    public static byte[] Encode(ReadOnlySpan<RecipientProgress> recipients)
    {
        var stored = new StoredState();
        var places = new Dictionary<StoredOutcome, int>();
        foreach (var progress in recipients)
        {
            stored.Recipients.Add(new StoredRecipientState
            {
                State = (int)progress.State,
                Attempts = progress.Attempts,
                DueUnixMilliseconds = progress.Due <= DateTimeOffset.UnixEpoch ? 0 : progress.Due.ToUnixTimeMilliseconds(),
                Last = progress.Last is { } last ? PlaceOf(last, places, stored) : 0,
            });
        }

        return stored.ToByteArray();
    }

    /// <summary>Reads a state back. An empty state means that nothing was tried yet.</summary>
    /// <param name="state">The octets that <see cref="Encode"/> wrote, or none.</param>
    /// <param name="recipientCount">The number of recipients in the envelope.</param>
    /// <exception cref="InvalidDataException">The octets are no such state, or of another number of recipients.</exception>
    public static RecipientProgress[] Decode(ReadOnlySpan<byte> state, int recipientCount)
    {
        var recipients = new RecipientProgress[recipientCount];
        if (state.IsEmpty)
        {
            Array.Fill(recipients, RecipientProgress.Fresh);
            return recipients;
        }

        StoredState stored;
        try
        {
            stored = StoredState.Parser.ParseFrom(state);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new InvalidDataException("The state of the spool entry is not readable.", e);
        }

        if (stored.Recipients.Count != recipientCount)
        {
            throw new InvalidDataException("The state of the spool entry is of another number of recipients.");
        }

        var outcomes = stored.Outcomes.Select(Read).ToArray();
        for (var i = 0; i < recipientCount; i++)
        {
            recipients[i] = Read(stored.Recipients[i], outcomes);
        }

        return recipients;
    }

    private static int PlaceOf(RecipientOutcome outcome, Dictionary<StoredOutcome, int> places, StoredState stored)
    {
        var text = string.Join(' ', outcome.Reply.Lines);
        var item = new StoredOutcome
        {
            Kind = (int)outcome.Kind,
            Stage = (int)outcome.Stage,
            Code = outcome.Reply.Code,
            Status = outcome.Reply.Status.ToString(),
            Text = text.Length <= ReplyTextMax ? text : text[..ReplyTextMax],
        };
        if (!places.ContainsKey(item) && places.Count >= OutcomesMax)
        {
            // Kind, stage and code are few, so these do not grow without bound either.
            (item.Text, item.Status) = (WordsNotKept, string.Empty);
        }

        if (!places.TryGetValue(item, out var place))
        {
            stored.Outcomes.Add(item);
            place = stored.Outcomes.Count;
            places.Add(item, place);
        }

        return place;
    }

    private static RecipientProgress Read(StoredRecipientState item, RecipientOutcome[] outcomes)
    {
        if (item.Last < 0 || item.Last > outcomes.Length || !Enum.IsDefined((RecipientState)item.State))
        {
            throw new InvalidDataException("The state of the spool entry has values that are none.");
        }

        var due = item.DueUnixMilliseconds == 0
            ? DateTimeOffset.MinValue
            : DateTimeOffset.FromUnixTimeMilliseconds(item.DueUnixMilliseconds);
        return new RecipientProgress(
            (RecipientState)item.State, item.Attempts, due, item.Last == 0 ? null : outcomes[item.Last - 1]);
    }

    private static RecipientOutcome Read(StoredOutcome item)
    {
        if (item.Code is < 200 or > 599)
        {
            throw new InvalidDataException("The state of the spool entry holds a reply code that is none.");
        }

        var reply = new SmtpReply(item.Code, ReadStatus(item.Status), item.Text);
        return new RecipientOutcome((OutcomeKind)item.Kind, (ClientStage)item.Stage, reply);
    }

    private static EnhancedStatus ReadStatus(string text)
    {
        var parts = text.Split('.');
        return parts.Length == 3
            && short.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var statusClass)
            && short.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var subject)
            && short.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out var detail)
                ? new EnhancedStatus(statusClass, subject, detail)
                : EnhancedStatus.None;
    }
}
