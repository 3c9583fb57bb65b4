using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Relay.Node.Listeners.Proxy;
using Relay.Smtp.Replies;
using Relay.Smtp.Server;

namespace Relay.Node.Listeners;

/// <summary>One SMTP connection: moves bytes between the socket and the pure dialogue, keeps time limits, ends politely.</summary>
/// <remarks>Owns the pipe. What the dialogue asks to be decided, <see cref="MailTransaction"/> decides.</remarks>
internal sealed class SmtpConnection
{
    /// <summary>What clients are told while the node drains.</summary>
    public static readonly SmtpReply ShuttingDown = new(421, new(4, 3, 2), "Service shutting down, try again later");

    private static readonly SmtpReply UnknownClient =
        new(451, new(4, 3, 5), "Cannot take mail: the balancer in front of this server does not say who you are");

    private readonly ConnectionTransport _transport;
    private readonly IPAddress _client;
    private readonly bool _isUnknown;
    private readonly SmtpListener _listener;
    private readonly SmtpServices _services;
    private readonly ServerDialogue _dialogue;
    private readonly MailTransaction _transaction;
    private ConnectionDeadline _deadline;
    private volatile bool _isTooSlow;
    private volatile bool _isDraining;
    private volatile bool _isHurried;
    private bool _isInBody;
    private Tarpit _tarpit;
    private bool _isTlsAccepted;

    public SmtpConnection(ConnectionContext context, Arrival arrival, SmtpListener listener, SmtpServices services)
    {
        _transport = new ConnectionTransport(context);
        _client = arrival.Address;
        _isUnknown = arrival.IsUnknown;
        _listener = listener;
        _services = services;
        _dialogue = new ServerDialogue(_isUnknown ? listener.OptionsForUnknown : listener.Options, services.Policy.Current.Limits);
        _transaction = new MailTransaction(_dialogue, arrival, listener.Name, services);
    }

    private PipeReader Input => _transport.Input;

    private PipeWriter Output => _transport.Output;

    /// <summary>Serves the connection to the end of the conversation. The sweep watches on until whoever closes the socket takes it out.</summary>
    public async Task RunAsync()
    {
        _services.Sweeper.Add(this);
        try
        {
            if (_listener.BeginsWithTls && !await ShakeHandsAsync().ConfigureAwait(false))
            {
                return;
            }

            var goesOn = await GreetAsync().ConfigureAwait(false);
            while (goesOn)
            {
                goesOn = await ServeInputAsync().ConfigureAwait(false);
            }

            _deadline.BeginWrite(_services.Time.GetTimestamp());
            await _transport.EndAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is ConnectionAbortedException or ConnectionResetException or IOException or OperationCanceledException)
        {
            // The client has gone, or was cut for taking nothing: whatever it had not finished is dropped below.
        }
        finally
        {
            // What is written and not yet taken holds the socket open.
            _deadline.BeginWrite(_services.Time.GetTimestamp());
            await _transaction.CloseAsync().ConfigureAwait(false);
            await _transport.ReleaseAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Called by the sweep, on any thread.</summary>
    public void Judge(long now, ConnectionTimes times)
    {
        switch (_deadline.Judge(now, _services.Time, times))
        {
            case DeadlineFinding.TooSlow:
                _isTooSlow = true;
                _transport.Wake();
                break;
            case DeadlineFinding.Stalled:
                _transport.Abort("The client takes no replies.");
                break;
            case DeadlineFinding.HandshakeLate:
                _transport.Abort("The client took too long over the TLS handshake.");
                break;
            case DeadlineFinding.InTime when _transaction.MustGiveWay:
                _transport.Wake();
                break;
            default:
                _transaction.AbandonIfLate(now, times.Decision);
                break;
        }
    }

    /// <summary>Ends the connection as soon as it is between mails; called on any thread.</summary>
    public void Drain()
    {
        _isDraining = true;
        _transport.Wake();
    }

    /// <summary>Ends the connection as soon as the client waits for no content to be taken; called on any thread.</summary>
    public void Hurry()
    {
        _isHurried = true;
        Drain();
    }

    /// <summary>Closes the connection whatever it is in; called on any thread.</summary>
    public void Cut() => _transport.Abort("The time to drain is over.");

    // Of whoever must log in nothing is asked, and it is not made to wait.
    private async ValueTask<bool> GreetAsync()
    {
        var goesOn = _listener.Options.RequireAuthentication || _isUnknown || await _transaction.BeginAsync(Input, Output).ConfigureAwait(false);
        if (goesOn)
        {
            _dialogue.WriteGreeting(Output);
        }

        await FlushAsync().ConfigureAwait(false);
        _deadline.AwaitCommand(_services.Time.GetTimestamp());
        return goesOn;
    }

    /// <summary>Reads once and serves all that came.</summary>
    /// <returns>False when the connection is to be closed.</returns>
    private async ValueTask<bool> ServeInputAsync()
    {
        var result = await Input.ReadAsync().ConfigureAwait(false);
        var buffer = result.Buffer;
        var length = buffer.Length;
        var goesOn = true;
        try
        {
            if (_isTooSlow || _transaction.MustGiveWay)
            {
                await _transaction.EndForSlownessAsync(Output).ConfigureAwait(false);
                goesOn = false;
            }

            while (goesOn && !MustEndNow())
            {
                _transaction.FollowPolicy();
                var step = _dialogue.Advance(ref buffer, Output);
                if (step == DialogueStep.NeedInput || (step == DialogueStep.StartTls && TryAcceptTls()))
                {
                    break;
                }

                goesOn = await ServeAsync(step).ConfigureAwait(false);
            }

            if (goesOn && MustEndNow())
            {
                ReplyWriter.Write(ShuttingDown, Output);
                goesOn = false;
            }
        }
        finally
        {
            length -= buffer.Length;
            Input.AdvanceTo(buffer.Start, buffer.End);
        }

        // The last replies wait too: whoever sends all its errors in one write is told no sooner.
        var wait = _tarpit.Next(_dialogue.ErrorCount, _dialogue.DeferralCount, _services.Times);
        if (wait > TimeSpan.Zero && !_isDraining && !_transaction.IsTrusted)
        {
            _deadline.AwaitUs(_services.Time.GetTimestamp());
            await Task.Delay(wait, _services.Time).ConfigureAwait(false);
            ResumeDeadline();
        }

        await FlushAsync().ConfigureAwait(false);
        if (_isTlsAccepted)
        {
            goesOn = await ShakeHandsAsync().ConfigureAwait(false);
        }

        SetDeadline(length);
        return goesOn && !result.IsCompleted;
    }

    private bool TryAcceptTls()
    {
        _isTlsAccepted = _services.Tls!.HasPlace(_client);
        if (_isTlsAccepted)
        {
            _dialogue.AcceptTls(Output);
        }
        else
        {
            _dialogue.RefuseTls(Output);
        }

        return _isTlsAccepted;
    }

    // What comes next is read by the handshake alone: plaintext that was slipped in behind STARTTLS breaks it.
    private async ValueTask<bool> ShakeHandsAsync()
    {
        _deadline.AwaitHandshake(_services.Time.GetTimestamp());
        var facts = await _transport.StartTlsAsync(_services.Tls!, _client).ConfigureAwait(false);
        _isTlsAccepted = false;
        _deadline.AwaitUs(_services.Time.GetTimestamp());
        if (facts is null)
        {
            return false;
        }

        _dialogue.TlsStarted(facts);
        return true;
    }

    // Half a line is not consumed, so a client that drips one byte after another does not win time.
    private void SetDeadline(long consumed)
    {
        if (_dialogue.IsBetweenTransactions)
        {
            _transaction.Settle();
        }

        if (_dialogue.IsInContent)
        {
            _deadline.BodyArrived(consumed);
        }

        if (_isInBody != _dialogue.IsInBody || (!_isInBody && consumed > 0))
        {
            ResumeDeadline();
        }
    }

    private bool MustEndNow() => _isDraining && (_dialogue.IsBetweenTransactions || (_isHurried && !_dialogue.IsInBody));

    private async ValueTask<bool> ServeAsync(DialogueStep step)
    {
        switch (step)
        {
            case DialogueStep.BodyBytes:
                var append = _transaction.AppendBodyAsync();
                if (!append.IsCompletedSuccessfully)
                {
                    // The client does not answer for the time that our disk takes.
                    _deadline.AwaitUs(_services.Time.GetTimestamp());
                    await append.ConfigureAwait(false);
                    ResumeDeadline();
                }

                return true;
            case DialogueStep.StartTls:
                return true; // refused: the conversation goes on as it was
            case DialogueStep.Close:
                return false;
            case DialogueStep.DecideMail when _isUnknown:
                _dialogue.RefuseMail(UnknownClient, Output);
                return true;
            default:
                _deadline.AwaitUs(_services.Time.GetTimestamp());
                await _transaction.DecideAsync(step, Output).ConfigureAwait(false);
                ResumeDeadline();
                return true;
        }
    }

    private void ResumeDeadline()
    {
        var now = _services.Time.GetTimestamp();
        _isInBody = _dialogue.IsInBody;
        if (_isInBody)
        {
            _deadline.AwaitBody(now);
        }
        else if (_dialogue.IsInContent)
        {
            _deadline.AwaitChunk(now);
        }
        else
        {
            _deadline.AwaitCommand(now);
        }
    }

    private async ValueTask FlushAsync()
    {
        if (Output.UnflushedBytes == 0)
        {
            return;
        }

        var flush = Output.FlushAsync();
        if (flush.IsCompletedSuccessfully)
        {
            flush.GetAwaiter().GetResult();
            return;
        }

        _deadline.BeginWrite(_services.Time.GetTimestamp());
        await flush.ConfigureAwait(false);
        _deadline.EndWrite();
    }
}
