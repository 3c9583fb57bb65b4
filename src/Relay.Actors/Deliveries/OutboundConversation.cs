using System.Buffers;
using System.Collections.Immutable;
using System.Net.Sockets;
using Relay.Actors.Spooling;
using Relay.Messages.Destinations;
using Relay.Messages.Stored;
using Relay.Smtp.Client;
using Relay.Smtp.Envelopes;
using Relay.Smtp.Replies;
using Relay.Spool;

namespace Relay.Actors.Deliveries;

/// <summary>One conversation with a next hop: moves bytes between the link, the spool and the pure client dialogue, within time limits.</summary>
/// <remarks>Used by one caller at a time. Trouble of the peer or the network is an outcome; only our own defects are exceptions.</remarks>
internal sealed class OutboundConversation : IDisposable
{
    private static readonly SmtpReply TimedOut = new(451, new(4, 4, 2), "The next hop did not answer in time");
    private static readonly SmtpReply Unreadable = new(451, new(4, 3, 0), "The message cannot be read from the spool");

    private readonly DestinationKey _destination;
    private readonly DeliveryResources _resources;
    private ClientDialogue _dialogue;
    private CancellationTokenSource? _limit;
    private CancellationTokenRegistration _untilStopped;
    private IOutboundLink? _link;

    public OutboundConversation(DestinationKey destination, DeliveryResources resources)
    {
        _destination = destination;
        _resources = resources;
        _dialogue = new ClientDialogue(resources.Dialogue);
    }

    /// <summary>The address in use, or the last that was tried.</summary>
    public NextHop? NextHop { get; private set; }

    /// <summary>True while another item may be carried.</summary>
    public bool IsUsable => _link is not null && _dialogue.IsUsable;

    /// <summary>Finds the next hop, connects, and waits to be greeted.</summary>
    /// <returns>Null when the conversation is ready, else the outcome for whatever waits for this destination.</returns>
    public async Task<RecipientOutcome?> OpenAsync(CancellationToken stopping)
    {
        var resolution = await _resources.Resolver.ResolveAsync(_destination, stopping).ConfigureAwait(false);
        var failure = resolution.Failure;
        foreach (var hop in resolution.Hops)
        {
            NextHop = hop;
            failure = await ConnectAsync(hop, stopping).ConfigureAwait(false)
                ?? await GreetAsync(stopping).ConfigureAwait(false);
            if (failure is null)
            {
                return null;
            }
        }

        return failure;
    }

    /// <summary>Carries one item.</summary>
    /// <returns>One outcome for each of its recipients, in its order.</returns>
    public async Task<ImmutableArray<RecipientOutcome>> CarryAsync(DeliveryItem item, CancellationToken stopping)
    {
        SpoolReader reader;
        StoredMessage message;
        try
        {
            reader = _resources.Spool.OpenEntry(item.Id.ToEntryId());
        }
        catch (SpoolException)
        {
            return Same(item, Unreadable);
        }

        using (reader)
        {
            try
            {
                message = StoredMessageCodec.Decode(reader.Header.Span);
            }
            catch (InvalidDataException)
            {
                return Same(item, Unreadable);
            }

            return await CarryAsync(item, message, reader, stopping).ConfigureAwait(false);
        }
    }

    /// <summary>Says QUIT and waits a moment for the answer.</summary>
    public async Task QuitAsync(CancellationToken stopping)
    {
        if (_link is not { } link)
        {
            return;
        }

        try
        {
            if (_dialogue.IsUsable)
            {
                _dialogue.Quit(link.Output);
                await RunAsync(link, null, stopping).ConfigureAwait(false);
            }
        }
        finally
        {
            Dispose();
        }
    }

    /// <summary>Closes the connection without another word.</summary>
    public void Dispose()
    {
        var link = Interlocked.Exchange(ref _link, null);
        if (link is not null)
        {
            _ = link.DisposeAsync().AsTask();
        }

        ForgetLimit();
    }

    // The stop must not reach for a source that is gone.
    private void ForgetLimit()
    {
        _untilStopped.Dispose();
        Interlocked.Exchange(ref _limit, null)?.Dispose();
    }

    private async Task<RecipientOutcome?> ConnectAsync(NextHop hop, CancellationToken stopping)
    {
        using var limit = new CancellationTokenSource(_resources.Timeouts.Connect, _resources.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stopping);
        try
        {
            _link = await _resources.Connector.ConnectAsync(hop, either.Token).ConfigureAwait(false);
            return null;
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            return Deferred(ClientStage.Connect, new SmtpReply(451, new(4, 4, 1), $"Connecting to {hop} timed out"));
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return Deferred(ClientStage.Connect, new SmtpReply(451, new(4, 4, 1), $"Cannot connect to {hop}: {e.Message}"));
        }
    }

    private async Task<RecipientOutcome?> GreetAsync(CancellationToken stopping)
    {
        var step = await RunAsync(_link!, null, stopping).ConfigureAwait(false);
        if (step == ClientStep.Ready)
        {
            return null;
        }

        var failure = _dialogue.Failure ?? new ClientFailure(_dialogue.Stage, TimedOut);
        Dispose();
        _dialogue = new ClientDialogue(_resources.Dialogue);
        // A host that refuses to talk to us says nothing of the recipients: another day, another host.
        return Deferred(failure.Stage, failure.Reply);
    }

    private async Task<ImmutableArray<RecipientOutcome>> CarryAsync(
        DeliveryItem item, StoredMessage message, SpoolReader reader, CancellationToken stopping)
    {
        if (_link is not { } link)
        {
            return Same(item, TimedOut);
        }

        var envelope = message.Envelope;
        var recipients = new EnvelopeRecipient[item.Recipients.Length];
        for (var i = 0; i < recipients.Length; i++)
        {
            recipients[i] = envelope.Recipients[item.Recipients[i]];
        }

        var transaction = new ClientTransaction(envelope with { Recipients = recipients }, reader.Length, message.BodyHas8Bit);
        _dialogue.Begin(transaction, link.Output);
        await RunAsync(link, reader, stopping).ConfigureAwait(false);
        return [.. _dialogue.Outcomes];
    }

    /// <summary>Runs the dialogue until it needs a decision: ready, done, failed or closed.</summary>
    private async Task<ClientStep> RunAsync(IOutboundLink link, SpoolReader? body, CancellationToken stopping)
    {
        var buffer = ReadOnlySequence<byte>.Empty;
        var held = false;
        try
        {
            while (true)
            {
                var step = _dialogue.Advance(ref buffer, link.Output);
                switch (step)
                {
                    case ClientStep.NeedInput:
                        if (held)
                        {
                            link.Input.AdvanceTo(buffer.Start, buffer.End);
                            held = false;
                        }

                        var result = await ReadAsync(link, stopping).ConfigureAwait(false);
                        (buffer, held) = (result.Buffer, true);
                        if (result.IsCompleted && buffer.IsEmpty)
                        {
                            _dialogue.ConnectionLost();
                            return ClientStep.Failed;
                        }

                        break;
                    case ClientStep.SendBody:
                        await SendBodyAsync(link, body!, stopping).ConfigureAwait(false);
                        break;
                    default:
                        await FlushAsync(link, _resources.Timeouts.Block, stopping).ConfigureAwait(false);
                        return step;
                }
            }
        }
        catch (Exception e) when (IsPeerTrouble(e, stopping))
        {
            _dialogue.ConnectionLost();
            return ClientStep.Failed;
        }
        finally
        {
            if (held)
            {
                link.Input.AdvanceTo(buffer.Start);
            }
        }
    }

    private async ValueTask<System.IO.Pipelines.ReadResult> ReadAsync(IOutboundLink link, CancellationToken stopping)
    {
        await FlushAsync(link, _resources.Timeouts.Block, stopping).ConfigureAwait(false);
        if (link.Input.TryRead(out var ready))
        {
            return ready;
        }

        var token = Limit(_resources.Timeouts.ForRead(_dialogue.Stage), stopping);
        return await link.Input.ReadAsync(token).ConfigureAwait(false);
    }

    private async ValueTask FlushAsync(IOutboundLink link, TimeSpan within, CancellationToken stopping)
    {
        if (link.Output.UnflushedBytes == 0)
        {
            return;
        }

        var result = await link.Output.FlushAsync(Limit(within, stopping)).ConfigureAwait(false);
        if (result.IsCompleted)
        {
            throw new IOException("The next hop takes no more.");
        }
    }

    private async Task SendBodyAsync(IOutboundLink link, SpoolReader body, CancellationToken stopping)
    {
        var block = ArrayPool<byte>.Shared.Rent((int)Math.Min(_resources.DeliveryLimits.BlockBytes, Math.Max(body.Length, 1)));
        try
        {
            for (long offset = 0; offset < body.Length;)
            {
                var read = await body.ReadAsync(offset, block, stopping).ConfigureAwait(false);
                if (read == 0)
                {
                    throw new SpoolException("the spool", "the body ends before its length");
                }

                offset += read;
                _dialogue.WriteBody(block.AsSpan(0, read), link.Output);
                if (offset < body.Length)
                {
                    await FlushAsync(link, _resources.Timeouts.Block, stopping).ConfigureAwait(false);
                }
            }

            _dialogue.EndBody(link.Output);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }

    /// <summary>One time limit at a time, re-armed for every wait: a source a read would be garbage by the thousand.</summary>
    private CancellationToken Limit(TimeSpan within, CancellationToken stopping)
    {
        if (_limit is null || !_limit.TryReset())
        {
            ForgetLimit();
            _limit = new CancellationTokenSource(Timeout.InfiniteTimeSpan, _resources.Time);
            _untilStopped = stopping.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _limit);
        }

        _limit.CancelAfter(within);
        return _limit.Token;
    }

    // A spool that cannot be read in the middle of a body leaves the peer without a final dot: the connection is dropped, the mail is tried again.
    private static bool IsPeerTrouble(Exception e, CancellationToken stopping) =>
        e is SocketException or IOException or SpoolException
        || (e is OperationCanceledException && !stopping.IsCancellationRequested);

    private static RecipientOutcome Deferred(ClientStage stage, SmtpReply reply) => new(OutcomeKind.Deferred, stage, reply);

    private static ImmutableArray<RecipientOutcome> Same(DeliveryItem item, SmtpReply reply) =>
        [.. Enumerable.Repeat(Deferred(ClientStage.Body, reply), item.Recipients.Length)];
}
