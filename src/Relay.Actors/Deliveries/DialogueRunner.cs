using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Security.Authentication;
using Relay.Smtp.Client;
using Relay.Spool;

namespace Relay.Actors.Deliveries;

/// <summary>Runs the pure dialogue of one connection: moves bytes between it, the link and the spool, within time limits.</summary>
/// <remarks>Used by one caller at a time. Trouble of the peer or the network ends in the dialogue's failure; only our own defects are exceptions.</remarks>
internal sealed class DialogueRunner : IDisposable
{
    private readonly IOutboundLink _link;
    private readonly NextHop _hop;
    private readonly TlsDemand _demand;
    private readonly DeliveryResources _resources;
    private readonly LinkDeadline _deadline;
    private ValueTask<ReadResult>? _reading; // begun and not taken; a connection that is closed takes it along
    private (ClientStage Stage, int Replies) _awaited;
    private long _awaitedSince;
    private bool _isDisposed;

    public DialogueRunner(IOutboundLink link, NextHop hop, TlsDemand demand, ClientDialogue dialogue, DeliveryResources resources)
    {
        _link = link;
        _hop = hop;
        _demand = demand;
        _resources = resources;
        _deadline = new LinkDeadline(resources.Time);
        Dialogue = dialogue;
    }

    /// <summary>What is being spoken.</summary>
    public ClientDialogue Dialogue { get; }

    /// <summary>Takes what the dialogue says.</summary>
    public PipeWriter Output => _link.Output;

    /// <summary>What the handshake came to; null without TLS.</summary>
    public TlsFacts? Tls { get; private set; }

    /// <summary>Why the spool could not be read in the transaction that ended the connection; null when that was not the reason.</summary>
    public SpoolException? SpoolTrouble { get; private set; }

    /// <summary>True while the connection may be used further.</summary>
    public bool IsUsable => !_isDisposed && Dialogue.IsUsable;

    /// <summary>Runs the dialogue until it needs a decision: ready, done, failed or closed.</summary>
    /// <param name="body">The content, where a transaction is on.</param>
    /// <param name="stopping">Ends it in the middle.</param>
    /// <param name="heard">Called when replies have come and others are waited for; null where nobody wants to know.</param>
    public async Task<ClientStep> RunAsync(SpoolReader? body, CancellationToken stopping, Action? heard = null)
    {
        try
        {
            _awaited = default; // whatever is awaited now is awaited from now on
            var buffer = ReadOnlySequence<byte>.Empty;
            var step = Dialogue.Advance(ref buffer, _link.Output);
            while (true)
            {
                switch (step)
                {
                    case ClientStep.StartTls when !_link.HasArrived:
                        await StartTlsAsync(stopping).ConfigureAwait(false);
                        step = Dialogue.Advance(ref buffer, _link.Output);
                        break;
                    case ClientStep.NeedInput or ClientStep.StartTls:
                        await FlushAsync(stopping).ConfigureAwait(false);
                        step = Take(await ReadAsync(stopping).ConfigureAwait(false));
                        heard?.Invoke();
                        break;
                    case ClientStep.SendBody:
                        step = await SendBodyAsync(body!, stopping).ConfigureAwait(false);
                        break;
                    case ClientStep.Failed:
                        return step; // whatever is not flushed is of no use to anybody
                    default:
                        await FlushAsync(stopping).ConfigureAwait(false);
                        return step;
                }
            }
        }
        catch (SpoolException e)
        {
            // In the middle of a body it leaves the peer without its end: the connection is dropped, the mail is tried again.
            SpoolTrouble = e;
            Dialogue.ConnectionLost(ClientOutcomes.Unreadable);
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            await HearVerdictAsync(TimeSpan.Zero).ConfigureAwait(false);
            Dialogue.ConnectionLost(ClientOutcomes.TimedOut);
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            // What is broken is not long in saying so: what came before is read, or the same trouble is met.
            await HearVerdictAsync(_resources.Timeouts.Quit).ConfigureAwait(false);
            Dialogue.ConnectionLost();
        }

        return ClientStep.Failed;
    }

    /// <summary>Gives the dialogue what the peer has said unasked, so that it is not taken for an answer to what comes next.</summary>
    /// <returns>False when the connection is of no use any more.</returns>
    public async ValueTask<bool> IsStillUsableAsync()
    {
        try
        {
            if (IsUsable)
            {
                await TakeArrivedAsync().ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            Dialogue.ConnectionLost();
        }

        return IsUsable;
    }

    /// <summary>Closes the connection without another word.</summary>
    public void Dispose()
    {
        if (!_isDisposed)
        {
            _isDisposed = true;
            _ = _link.DisposeAsync().AsTask();
            _deadline.Dispose();
        }
    }

    private ClientStep Take(in ReadResult result)
    {
        if (result is { IsCompleted: true, Buffer.IsEmpty: true })
        {
            Dialogue.ConnectionLost();
        }

        var buffer = result.Buffer;
        var step = Dialogue.Advance(ref buffer, _link.Output);
        _link.Input.AdvanceTo(buffer.End);
        return step;
    }

    private async ValueTask<ReadResult> ReadAsync(CancellationToken stopping)
    {
        if (_reading is null && _link.Input.TryRead(out var ready))
        {
            return ready;
        }

        var limit = _deadline.In(TimeLeft(), stopping);
        if (_reading is not { } reading)
        {
            return await _link.Input.ReadAsync(limit).ConfigureAwait(false);
        }

        using var untilLimit = limit.UnsafeRegister(static input => ((PipeReader)input!).CancelPendingRead(), _link.Input);
        _reading = null;
        var result = await reading.ConfigureAwait(false);
        return result.IsCanceled ? throw new OperationCanceledException(limit) : result;
    }

    /// <summary>Of the limit for one reply as a whole: a peer that says it octet by octet has no more time for it.</summary>
    private TimeSpan TimeLeft()
    {
        var awaited = (Dialogue.Stage, Dialogue.RepliesHeard);
        if (awaited != _awaited)
        {
            _awaited = awaited;
            _awaitedSince = _resources.Time.GetTimestamp();
        }

        var left = _resources.Timeouts.ForRead(Dialogue.Stage, _resources.Slots.AreScarce) - _resources.Time.GetElapsedTime(_awaitedSince);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    /// <summary>Takes what has arrived. The read that is begun for it goes on, and is waited for when a reply is due: it would be made then anyway.</summary>
    /// <param name="patience">How long to wait for something.</param>
    private async ValueTask<bool> TakeArrivedAsync(TimeSpan patience = default)
    {
        var reading = _reading ?? _link.Input.ReadAsync(CancellationToken.None);
        _reading = reading;
        if (!reading.IsCompleted && patience == TimeSpan.Zero)
        {
            return false;
        }

        _reading = null;
        Take(reading.IsCompleted
            ? await reading.ConfigureAwait(false)
            : await reading.AsTask().WaitAsync(patience, _resources.Time).ConfigureAwait(false));
        return true;
    }

    private async ValueTask FlushAsync(CancellationToken stopping)
    {
        if (_link.Output.UnflushedBytes > 0)
        {
            await _link.Output.FlushAsync(_deadline.In(_resources.Timeouts.Block, stopping)).ConfigureAwait(false);
        }
    }

    private async Task StartTlsAsync(CancellationToken stopping)
    {
        try
        {
            Tls = await _link.StartTlsAsync(_hop, _demand.MustVerify, _deadline.In(_resources.Timeouts.Handshake, stopping)).ConfigureAwait(false);
            Dialogue.TlsStarted(_link.Output);
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            FailHandshake("it took too long");
        }
        catch (Exception e) when (e is AuthenticationException or SocketException or IOException)
        {
            FailHandshake(e.Message);
        }
    }

    private void FailHandshake(string problem) => Dialogue.ConnectionLost(ClientOutcomes.HandshakeFailed(_hop, problem));

    private async Task<ClientStep> SendBodyAsync(SpoolReader body, CancellationToken stopping)
    {
        var block = ArrayPool<byte>.Shared.Rent((int)Math.Min(_resources.DeliveryLimits.BlockBytes, Math.Max(body.Length, 1)));
        try
        {
            var hasSent = false; // a block is written, and goes out when the next one is read
            long offset = 0;
            while (true)
            {
                // A peer that has answered already wants no more of it. Before it was sent any it has only just asked for it.
                if (hasSent && await TakeArrivedAsync().ConfigureAwait(false) && !Dialogue.IsUsable)
                {
                    return ClientStep.Failed;
                }

                if (offset == body.Length)
                {
                    break;
                }

                hasSent = offset > 0;
                await FlushAsync(stopping).ConfigureAwait(false);
                var read = await body.ReadAsync(offset, block, stopping).ConfigureAwait(false);
                if (read == 0)
                {
                    throw new SpoolException("the spool", "the body ends before its length");
                }

                offset += read;
                Dialogue.WriteBody(block.AsSpan(0, read), _link.Output);
            }

            Dialogue.EndBody(_link.Output);
            var nothing = ReadOnlySequence<byte>.Empty;
            return Dialogue.Advance(ref nothing, _link.Output);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }

    /// <summary>The content does not go through. A peer that refused it before its end has said so, and may have closed: that is its verdict.</summary>
    private async ValueTask HearVerdictAsync(TimeSpan patience)
    {
        if (Dialogue.Stage != ClientStage.Body)
        {
            return;
        }

        try
        {
            while (Dialogue.IsUsable && await TakeArrivedAsync(patience).ConfigureAwait(false))
            {
            }
        }
        catch (Exception e) when (e is SocketException or IOException or TimeoutException)
        {
            // It has said nothing.
        }
    }
}
