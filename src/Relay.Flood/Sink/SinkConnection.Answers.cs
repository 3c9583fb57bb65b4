using System.Net;
using Relay.Smtp.Replies;
using Relay.Smtp.Server;

namespace Relay.Flood.Sink;

/// <summary>The answers: accept everything but what the settings say to refuse or drop.</summary>
internal sealed partial class SinkConnection
{
    private static readonly SmtpReply Accepted = new(250, new EnhancedStatus(2, 0, 0), "Ok");
    private static readonly SmtpReply Enough = new(421, new EnhancedStatus(4, 3, 2), "The sink has what it waited for");
    private static readonly SmtpReply CannotKeep = new(451, new EnhancedStatus(4, 3, 0), "The sink cannot keep the message");

    private Next Answer(DialogueStep step, SinkPlace place)
    {
        var decision = Decide(place);
        if (decision.IsDrop)
        {
            return Next.Drop;
        }

        switch (step, decision.Refusal)
        {
            case (DialogueStep.DecideMail, null):
                _dialogue.AcceptMail(_output);
                return Next.Continue;
            case (DialogueStep.DecideMail, { } refusal):
                _dialogue.RefuseMail(refusal, _output);
                return AfterRefusal(refusal);
            case (DialogueStep.DecideRecipient, null):
                _dialogue.AcceptRecipient(_output);
                return Next.Continue;
            case (DialogueStep.DecideRecipient, { } refusal):
                _dialogue.RefuseRecipient(refusal, _output);
                return AfterRefusal(refusal);
            case (_, null):
                _dialogue.AcceptBody(_output);
                return Next.Continue;
            case (_, { } refusal):
                _dialogue.RefuseBody(refusal, _output);
                _ehlo?.BodyRefused();
                return AfterRefusal(refusal);
        }
    }

    private Next AnswerMessage()
    {
        var decision = Decide(SinkPlace.Dot);
        if (decision.IsDrop)
        {
            return Next.Drop;
        }

        if (decision.Refusal is { } refusal)
        {
            return RefuseMessage(refusal);
        }

        if (_sink.Settings.StopAfter is { } max && !_sink.Tally.TryTakeTicket(max))
        {
            return RefuseMessage(Enough);
        }

        var reply = Accepted;
        if (_capture is not null && !TryKeep(_capture, ref reply))
        {
            return RefuseMessage(CannotKeep);
        }

        _sink.Tally.Accepted(_dialogue.Recipients.Count, _dialogue.BodyLength);
        _unanswered++;
        if (Decide(SinkPlace.AfterDot).IsDrop)
        {
            return Next.Drop;
        }

        _dialogue.AcceptMessage(reply, _output);
        return Next.Continue;
    }

    private bool TryKeep(MessageCapture capture, ref SmtpReply reply)
    {
        try
        {
            var number = capture.Keep(_dialogue, (IPEndPoint)_socket.RemoteEndPoint!);
            reply = new SmtpReply(250, new EnhancedStatus(2, 0, 0), $"Ok: kept as {number}");
            return true;
        }
        catch (Exception e)
        {
            // A full disk and a test's throwing observer alike: our trouble, so a temporary refusal.
            _sink.Tally.Failed(e);
            _sink.Tally.ReturnTicket();
            return false;
        }
    }

    private Next RefuseMessage(SmtpReply refusal)
    {
        _capture?.Discard();
        _dialogue.RefuseMessage(refusal, _output);
        return AfterRefusal(refusal);
    }

    private FaultDecision Decide(SinkPlace place)
    {
        var decision = _sink.Plan.Decide(place, ref _chance);
        if (decision.IsDrop)
        {
            _sink.Tally.Dropped();
        }
        else if (decision.Refusal is not null)
        {
            _sink.Tally.FaultReplied();
        }

        return decision;
    }

    private static Next AfterRefusal(SmtpReply refusal) => refusal.Code == 421 ? Next.Close : Next.Continue;
}
