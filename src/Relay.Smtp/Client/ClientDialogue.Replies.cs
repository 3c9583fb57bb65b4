using System.Buffers;
using Relay.Smtp.Replies;

namespace Relay.Smtp.Client;

/// <content>What a reply means in each phase.</content>
public sealed partial class ClientDialogue
{
    private void OnReply(IBufferWriter<byte> output)
    {
        if (_phase == ClientPhase.Quit)
        {
            _phase = ClientPhase.Closed;
            return;
        }

        if (_parser.Code == 421)
        {
            Fail(_phase == ClientPhase.Auth ? _auth!.ToShow(_parser.ToReply()) : _parser.ToReply());
            return;
        }

        switch (_phase)
        {
            case ClientPhase.Greeting or ClientPhase.Ehlo or ClientPhase.Helo:
                OnGreeted(output);
                break;
            case ClientPhase.StartTls:
                OnStartTls(output);
                break;
            case ClientPhase.Auth:
                OnAuth(output);
                break;
            case ClientPhase.Reset:
                OnReset(output);
                break;
            case ClientPhase.Mail or ClientPhase.Recipients when _parser.Code == TlsNeeded && IsWithoutWantedTls:
                // Said of this connection, which has not got the TLS that it asked for: the next one may.
                Fail(_parser.ToReply());
                break;
            case ClientPhase.Mail:
                Follow(_exchange.OnMail(_parser, output));
                break;
            case ClientPhase.Recipients:
                Follow(_exchange.OnRecipient(_parser, output));
                break;
            case ClientPhase.Data:
                Follow(_exchange.OnData(_parser, output));
                break;
            case ClientPhase.LoneDot:
                Follow(_exchange.OnLoneDot());
                break;
            case ClientPhase.Body or ClientPhase.EndOfData when _exchange.UsesChunk && _parser.Code is 500 or 502 or 503 or 504:
                // Said of the command, not of the mail: something between us and the peer does not know what the peer offers. Whatever it
                // made of the chunk, its next replies are no answers.
                IsChunkNotUnderstood = true;
                Fail(_parser.ToReply());
                break;
            case ClientPhase.Body when _parser.Code >= 400:
                // Of an LMTP server it is the fate of one recipient, and nobody can tell of which.
                Fail(_parser.ToReply(), isVerdict: !_demands.IsLmtp);
                break;
            case ClientPhase.EndOfData:
                Follow(_exchange.OnEndOfData(_parser));
                break;
            default:
                // Nothing was asked, or a body is acknowledged before its end.
                FailOutOfStep();
                break;
        }
    }

    private void OnReset(IBufferWriter<byte> output)
    {
        if (_parser.Code >= 300)
        {
            Fail(_parser.ToReply());
            return;
        }

        _exchange.OnReset();
        if (!Capabilities.HasPipelining)
        {
            _exchange.WriteMail(output);
        }

        _phase = ClientPhase.Mail;
    }

    private void OnMalformed()
    {
        if (_phase == ClientPhase.Quit)
        {
            _phase = ClientPhase.Closed;
        }
        else
        {
            Fail(ClientReplies.Malformed(_parser.Fault));
        }
    }

    private void Follow(ClientPhase next)
    {
        if (next == ClientPhase.OutOfStep)
        {
            FailOutOfStep();
        }
        else if (next == ClientPhase.Stranded)
        {
            Fail(ClientReplies.OutOfStep);
        }
        else if (next == ClientPhase.Ready)
        {
            Finish();
        }
        else
        {
            _phase = next;
        }
    }

    private void Finish()
    {
        Outcomes = _exchange.Take();
        _isDoneDue = true;
        _phase = ClientPhase.Ready;
    }

    /// <summary>Ends the connection's use. Open recipients are deferred, unless the reply is the peer's verdict on them.</summary>
    private void Fail(SmtpReply reply, bool isVerdict = false)
    {
        var stage = Stage;
        if (_exchange.IsOn)
        {
            _exchange.Abort(isVerdict
                ? EnvelopeExchange.Refusal(stage, reply)
                : new RecipientOutcome(OutcomeKind.Deferred, stage, reply));
        }

        Close(new ClientFailure(stage, ReasonOf(reply), KindOf(reply)));
    }

    private void FailOutOfStep()
    {
        var failure = new ClientFailure(Stage, ClientReplies.OutOfStep, KindOf(ClientReplies.OutOfStep));
        if (_exchange.IsOn)
        {
            _exchange.AbortDistrusting(new RecipientOutcome(OutcomeKind.Deferred, failure.Stage, failure.Reply));
        }

        Close(failure);
    }

    private void Close(ClientFailure failure)
    {
        if (_exchange.IsOn)
        {
            Outcomes = _exchange.Take();
        }

        Failure = failure;
        _phase = ClientPhase.Failed;
    }
}
