using System.Net;
using Relay.Actors.Queues;
using Relay.Actors.Spooling;
using Relay.Messages.Ids;
using Relay.Messages.Stored;

namespace Relay.Actors.Bounces;

/// <summary>Makes a report of what the spool holds and puts it there: durable before the recipients it speaks of are done.</summary>
internal sealed class ReportWriter(BounceResources resources)
{
    private const string Listener = "bounces";

    /// <summary>Writes one report.</summary>
    /// <returns>The report as a message of the queue.</returns>
    /// <exception cref="Spool.SpoolException">The message cannot be read, or is gone; or the report cannot be stored.</exception>
    /// <exception cref="InvalidDataException">The message cannot be read.</exception>
    public async Task<WrittenReport> WriteAsync(OwedReport owed)
    {
        var now = resources.Time.GetUtcNow();
        await using var writer = resources.Spool.BeginEntry();
        DsnReport report;
        using (var reader = resources.Spool.OpenEntry(owed.Message.ToEntryId()))
        {
            var original = StoredMessageCodec.Decode(reader.Header.Span);
            var head = new byte[Math.Min(reader.Length, DsnLimits.ReadOctets)];
            for (var read = 0; read < head.Length;)
            {
                read += await reader.ReadAsync(read, head.AsMemory(read), CancellationToken.None).ConfigureAwait(false);
            }

            report = DsnComposer.Compose(new DsnRequest
            {
                Cause = owed.Message,
                Original = original,
                Content = new OriginalContent(head, reader.Length),
                ReportingMta = resources.HostName,
                Now = now,
                ReportMessageId = $"{writer.Id.ToMessageId()}@{resources.HostName}",
                Recipients = [.. owed.Recipients.Select((place, i) => Describe(original, place, owed.Progress[i], owed))],
            });
        }

        var message = new StoredMessage(report.Envelope, new MessageOrigin(IPAddress.Loopback, null, Listener, null), now, report.Has8Bit)
        {
            Report = new ReportCause(owed.Message, owed.Kind, owed.Recipients),
        };
        await writer.WriteAsync(report.Content, CancellationToken.None).ConfigureAwait(false);
        await writer.CommitAsync(StoredMessageCodec.Encode(message), CancellationToken.None).ConfigureAwait(false);
        return new WrittenReport(owed, writer.Id.ToMessageId(), message, report.Content.Length);
    }

    private static DsnRecipient Describe(StoredMessage original, int place, RecipientProgress progress, OwedReport owed) => new(
        original.Envelope.Recipients[place],
        ActionOf(owed.Kind, progress),
        progress.Last,
        progress.NextHop,
        progress.LastAt == default ? null : progress.LastAt,
        owed.Kind == ReportKind.Delayed ? owed.GivenUpAt : null);

    private static DsnAction ActionOf(ReportKind kind, RecipientProgress progress) => kind switch
    {
        ReportKind.Failed => DsnAction.Failed,
        ReportKind.Delayed => DsnAction.Delayed,
        _ => progress.State == RecipientState.InMailbox ? DsnAction.Delivered : DsnAction.Relayed,
    };
}

/// <summary>A report that is durable.</summary>
/// <param name="Owed">What was owed.</param>
/// <param name="Id">The report's own name.</param>
/// <param name="Message">Its envelope and origin.</param>
/// <param name="Size">Its content in octets.</param>
internal sealed record WrittenReport(OwedReport Owed, MessageId Id, StoredMessage Message, long Size);
