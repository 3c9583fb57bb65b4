using System.Numerics;
using Relay.Actors.Intake;
using Relay.Messages.Ids;
using Relay.Messages.Stored;
using Relay.Smtp.Envelopes;

namespace Relay.Actors.Queues;

/// <summary>One message of the queue's index: what scheduling and operators need, not its octets.</summary>
internal sealed class QueuedMessage
{
    private int _reportsUnderWay; // flags of 1 << ReportKind

    public QueuedMessage(MessageId id, string sender, string flow, long size, DateTimeOffset acceptedAt, QueuedRecipient[] recipients)
    {
        Id = id;
        Sender = sender;
        Flow = flow;
        Size = size;
        AcceptedAt = acceptedAt;
        Recipients = recipients;
    }

    public MessageId Id { get; }

    /// <summary>The reverse-path; empty for the null path, to which nothing is ever reported.</summary>
    public string Sender { get; }

    /// <summary>Whose share of a destination it uses.</summary>
    public string Flow { get; }

    /// <summary>Content in octets.</summary>
    public long Size { get; }

    /// <summary>The sender's share of the spool, which it is part of while it is in the index.</summary>
    public required SpoolShare Share { get; init; }

    public DateTimeOffset AcceptedAt { get; }

    /// <summary>In the order of the envelope.</summary>
    public QueuedRecipient[] Recipients { get; }

    /// <summary>Its hold, or those before; null while there was none: most messages are never held, and pay for it with a reference.</summary>
    public MessageHold? Hold { get; set; }

    /// <summary>Holds that are over, all together.</summary>
    public TimeSpan Held => Hold?.Before ?? TimeSpan.Zero;

    public bool IsHeld => Hold is { Reason: not null };

    /// <summary>The sender has been told of the delay, or is not to be.</summary>
    public bool IsWarned { get; set; }

    /// <summary>The sender is to be told of the delay, and that report is not durable yet.</summary>
    public bool IsWarningOwed { get; set; }

    /// <summary>True while a report of any kind is being made.</summary>
    public bool IsReportUnderWay => _reportsUnderWay != 0;

    /// <summary>Reports that are being made, one of a kind at the most.</summary>
    public int ReportsUnderWay => BitOperations.PopCount((uint)_reportsUnderWay);

    /// <summary>It is in <see cref="QueueTally.Held"/>.</summary>
    public bool IsCountedHeld { get; set; }

    /// <summary>How many of its reports are in <see cref="QueueTally.Reports"/>.</summary>
    public byte CountedReports { get; set; }

    /// <summary>Since when recipients have failed of whom no report is under way; others may join them for a moment.</summary>
    public DateTimeOffset? UnreportedSince { get; set; }

    /// <summary>When its age next changes something; meaningful while it is in the ages.</summary>
    public DateTimeOffset AgeDue { get; set; }

    public bool IsInAges { get; set; }

    /// <summary>It is kept only to be shown.</summary>
    public bool IsInFailed { get; set; }

    /// <summary>It has left the index; what still refers to it passes over it.</summary>
    public bool IsGone { get; set; }

    /// <summary>How often in a row the process died while it was in flight: a suspect is tried alone.</summary>
    public int Crashes { get; set; }

    /// <summary>A report of this kind is being made from now on.</summary>
    /// <returns>False when one was already.</returns>
    public bool TryBeginReport(ReportKind kind)
    {
        var before = _reportsUnderWay;
        _reportsUnderWay |= 1 << (int)kind;
        return _reportsUnderWay != before;
    }

    /// <summary>The report of this kind is made, or could not be.</summary>
    public void EndReport(ReportKind kind) => _reportsUnderWay &= ~(1 << (int)kind);

    /// <summary>What is written to the spool.</summary>
    public MessageProgress Progress => new(Array.ConvertAll(Recipients, static recipient => recipient.Progress))
    {
        HoldReason = Hold?.Reason,
        HeldSince = Hold?.Since ?? default,
        Held = Held,
        IsWarned = IsWarned && !IsWarningOwed, // a warning that is not durable is owed again after a restart
        Crashes = Crashes,
    };
}

/// <summary>How a message is, or was, held.</summary>
/// <param name="Reason">Why it is held; null when it no longer is.</param>
/// <param name="Since">Since when it is, or was the last time.</param>
/// <param name="Before">Holds that are over, all together.</param>
internal sealed record MessageHold(string? Reason, DateTimeOffset Since, TimeSpan Before);

/// <summary>One recipient of a queued message.</summary>
internal sealed class QueuedRecipient
{
    public QueuedRecipient(string address, DsnNotify notify, RecipientProgress progress)
    {
        Address = address;
        Notify = notify;
        Progress = progress;
    }

    public string Address { get; }

    public DsnNotify Notify { get; }

    public RecipientProgress Progress { get; set; }

    public bool InFlight { get; set; }

    /// <summary>Those it travels with.</summary>
    public RecipientGroup Group { get; set; } = null!; // set when the message is admitted

    public bool IsWaiting => Progress.State == RecipientState.Waiting;

    /// <summary>It waits, and no attempt is on.</summary>
    public bool IsIdle => IsWaiting && !InFlight;
}
