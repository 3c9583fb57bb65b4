using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Relay.Messages.Queues;
using Relay.Messages.Stored.Proto;
using Relay.Smtp.Client;
using Relay.Smtp.Replies;

namespace Relay.Messages.Stored;

/// <summary>Writes and reads the state of a spool entry (stored.proto, message StoredState).</summary>
public static class MessageProgressCodec
{
    /// <summary>A peer's reply is kept to this many characters: enough to read, too little to fill a disk.</summary>
    public const int ReplyTextMax = 512;

    /// <summary>Different replies kept of one message; recipients beyond keep how they ended, but not in which words.</summary>
    public const int OutcomesMax = 64;

    /// <summary>Different wishes of operators kept of one message; recipients beyond keep the action, but not in which words it was wanted.</summary>
    public const int WishesMax = 16;

    private const string WordsNotKept = "(the reply was not kept)";
    private const int NextHopMax = 300; // a name of 253 characters, an IPv6 address and a port
    private const long TimeMillisecondsMax = 253_402_300_799_999; // the end of the year 9999
    private const long HeldMillisecondsMax = 100L * 365 * 24 * 60 * 60 * 1000;

    /// <summary>Most characters of a hold's reason that are kept.</summary>
    public const int HoldReasonMax = 512;

    /// <summary>The state's octets.</summary>
    public static byte[] Encode(MessageProgress message)
    {
        ArgumentNullException.ThrowIfNull(message);
        var stored = new StoredState
        {
            HoldReason = Cut(message.HoldReason ?? string.Empty, HoldReasonMax),
            HeldSinceUnixMilliseconds = message.HoldReason is null ? 0 : message.HeldSince.ToUnixTimeMilliseconds(),
            HeldMilliseconds = (long)message.Held.TotalMilliseconds,
            Warned = message.IsWarned,
            Crashes = message.Crashes,
        };
        var places = new Dictionary<StoredOutcome, int>();
        var wishes = new Dictionary<StoredWish, int>();
        foreach (var progress in message.Recipients)
        {
            stored.Recipients.Add(new StoredRecipientState
            {
                State = (int)progress.State,
                Attempts = progress.Attempts,
                DueUnixMilliseconds = Milliseconds(progress.Due),
                Last = progress.Last is { } last ? PlaceOf(last, progress.NextHop, places, stored) : 0,
                LastUnixMilliseconds = Milliseconds(progress.LastAt),
                Wish = progress.Wish is { } wish ? PlaceOf(wish, wishes, stored) : 0,
            });
        }

        return stored.ToByteArray();
    }

    /// <summary>Reads a state back. An empty state means that nothing was tried yet.</summary>
    /// <param name="state">The octets that <see cref="Encode"/> wrote, or none.</param>
    /// <param name="recipientCount">The number of recipients in the envelope.</param>
    /// <exception cref="InvalidDataException">The octets are no such state, or of another number of recipients.</exception>
    public static MessageProgress Decode(ReadOnlySpan<byte> state, int recipientCount)
    {
        if (state.IsEmpty)
        {
            return MessageProgress.Fresh(recipientCount);
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

        if (stored.Recipients.Count != recipientCount || stored.HeldMilliseconds < 0)
        {
            throw new InvalidDataException("The state of the spool entry is of another number of recipients.");
        }

        var outcomes = stored.Outcomes.Select(Read).ToArray();
        return new MessageProgress([.. stored.Recipients.Select(item => Read(item, outcomes, stored) with { Wish = ReadWish(item.Wish, stored.Wishes) })])
        {
            HoldReason = stored.HoldReason.Length == 0 ? null : stored.HoldReason,
            HeldSince = Time(stored.HeldSinceUnixMilliseconds),
            Held = TimeSpan.FromMilliseconds(Math.Min(stored.HeldMilliseconds, HeldMillisecondsMax)),
            IsWarned = stored.Warned,
            Crashes = Math.Max(stored.Crashes, 0),
        };
    }

    private static int PlaceOf(RecipientOutcome outcome, string? nextHop, Dictionary<StoredOutcome, int> places, StoredState stored)
    {
        var text = string.Join(' ', outcome.Reply.Lines);
        var item = new StoredOutcome
        {
            Kind = (int)outcome.Kind,
            Stage = (int)outcome.Stage,
            Code = outcome.Reply.Code,
            Status = outcome.Reply.Status.ToString(),
            Text = Cut(text, ReplyTextMax),
            NextHop = Cut(nextHop ?? string.Empty, NextHopMax),
            Heard = outcome.Reply.IsHeard,
        };
        if (!places.ContainsKey(item) && places.Count >= OutcomesMax)
        {
            // Kind, stage and code are few, so these do not grow without bound either.
            (item.Text, item.Status, item.NextHop, item.Heard) = (WordsNotKept, string.Empty, string.Empty, false);
        }

        return PlaceOf(item, places, stored.Outcomes);
    }

    private static int PlaceOf(RecipientWish wish, Dictionary<StoredWish, int> places, StoredState stored)
    {
        var item = new StoredWish { Action = (int)wish.Action, Reason = Cut(wish.Reason, HoldReasonMax) };
        if (!places.ContainsKey(item) && places.Count >= WishesMax)
        {
            item.Reason = string.Empty; // actions are few
        }

        return PlaceOf(item, places, stored.Wishes);
    }

    /// <summary>Where the item stands among those that are kept once, from 1; it is added when it is new.</summary>
    private static int PlaceOf<T>(T item, Dictionary<T, int> places, RepeatedField<T> kept)
        where T : notnull
    {
        if (!places.TryGetValue(item, out var place))
        {
            kept.Add(item);
            place = kept.Count;
            places.Add(item, place);
        }

        return place;
    }

    private static RecipientWish? ReadWish(int place, RepeatedField<StoredWish> wishes)
    {
        if (place == 0)
        {
            return null;
        }

        if (place < 0 || place > wishes.Count || !Enum.IsDefined((QueueAction)wishes[place - 1].Action))
        {
            throw new InvalidDataException("The state of the spool entry holds a wish that is none.");
        }

        var wish = wishes[place - 1];
        return new RecipientWish((QueueAction)wish.Action, wish.Reason);
    }

    private static RecipientProgress Read(StoredRecipientState item, RecipientOutcome[] outcomes, StoredState stored)
    {
        if (item.Last < 0 || item.Last > outcomes.Length || !Enum.IsDefined((RecipientState)item.State))
        {
            throw new InvalidDataException("The state of the spool entry has values that are none.");
        }

        var (last, nextHop) = item.Last == 0 ? (null, string.Empty) : (outcomes[item.Last - 1], stored.Outcomes[item.Last - 1].NextHop);
        return new RecipientProgress((RecipientState)item.State, item.Attempts, Time(item.DueUnixMilliseconds), last)
        {
            NextHop = nextHop.Length == 0 ? null : nextHop,
            LastAt = Time(item.LastUnixMilliseconds),
        };
    }

    private static long Milliseconds(DateTimeOffset time) => time <= DateTimeOffset.UnixEpoch ? 0 : time.ToUnixTimeMilliseconds();

    private static DateTimeOffset Time(long milliseconds)
    {
        if (milliseconds is < 0 or > TimeMillisecondsMax)
        {
            throw new InvalidDataException("The state of the spool entry holds a time that is none.");
        }

        return milliseconds == 0 ? DateTimeOffset.MinValue : DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
    }

    private static string Cut(string text, int max) => text.Length <= max ? text : text[..max];

    private static RecipientOutcome Read(StoredOutcome item)
    {
        if (item.Code is < 200 or > 599)
        {
            throw new InvalidDataException("The state of the spool entry holds a reply code that is none.");
        }

        var reply = new SmtpReply(item.Code, ReadStatus(item.Status), item.Text) { IsHeard = item.Heard };
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
