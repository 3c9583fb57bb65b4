using System.Buffers;
using System.Net.Sockets;
using Relay.Messages.Destinations;
using Relay.Smtp.Client;
using Relay.Smtp.Replies;
using Relay.Spool;

namespace Relay.Actors.Deliveries;

/// <summary>One conversation with a next hop: moves bytes between the link, the spool and the pure client dialogue, within time limits.</summary>
/// <remarks>Used by one caller at a time. Trouble of the peer or the network is an outcome; only our own defects are exceptions.</remarks>
internal sealed class OutboundConversation : IDisposable
{
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

    /// <summary>Why the spool could not be read in the transaction that ended the connection; null when that was not the reason.</summary>
    public SpoolException? SpoolTrouble { get; private set; }

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

    /// <summary>Runs one transaction.</summary>
    /// <param name="transaction">What to send to whom.</param>
    /// <param name="content">Where its octets are.</param>
    /// <param name="stopping">Ends it in the middle.</param>
    /// <returns>One outcome for each of its recipients, in its order.</returns>
    public async Task<IReadOnlyList<RecipientOutcome>> TransactAsync(
        ClientTransaction transaction, SpoolReader content, CancellationToken stopping)
    {
        if (_link is not { } link || !_dialogue.IsUsable)
        {
            return [.. Enumerable.Repeat(ClientOutcomes.Deferred(ClientStage.Mail, ClientOutcomes.ConnectionGone), transaction.Envelope.Recipients.Count)];
        }

        _dialogue.Begin(transaction, link.Output);
        await RunAsync(link, content, stopping).ConfigureAwait(false);
        return _dialogue.Outcomes;
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
            return ClientOutcomes.Deferred(ClientStage.Connect, new SmtpReply(451, new(4, 4, 1), $"Connecting to {hop} timed out"));
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return ClientOutcomes.Deferred(ClientStage.Connect, new SmtpReply(451, new(4, 4, 1), $"Cannot connect to {hop}: {e.Message}"));
        }
    }

    private async Task<RecipientOutcome?> GreetAsync(CancellationToken stopping)
    {
        var step = await RunAsync(_link!, null, stopping).ConfigureAwait(false);
        if (step == ClientStep.Ready)
        {
            return null;
        }

        var failure = _dialogue.Failure ?? new ClientFailure(_dialogue.Stage, ClientOutcomes.TimedOut);
        Dispose();
        _dialogue = new ClientDialogue(_resources.Dialogue);
        // A host that refuses to talk to us says nothing of the recipients: another day, another host.
        return ClientOutcomes.Deferred(failure.Stage, failure.Reply);
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
        catch (SpoolException e)
        {
            // In the middle of a body it leaves the peer without a final dot: the connection is dropped, the mail is tried again.
            SpoolTrouble = e;
            _dialogue.ConnectionLost(ClientOutcomes.Unreadable);
            return ClientStep.Failed;
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            _dialogue.ConnectionLost(ClientOutcomes.TimedOut);
            return ClientStep.Failed;
        }
        catch (Exception e) when (e is SocketException or IOException)
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

        var token = Limit(_resources.Timeouts.ForRead(_dialogue.Stage, _resources.Slots.AreScarce), stopping);
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

}
