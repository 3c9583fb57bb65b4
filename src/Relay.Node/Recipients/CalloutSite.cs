using Relay.Actors.Deliveries;
using Relay.Messages.Destinations;
using Relay.Node.Listeners;
using Relay.Node.Places;
using Relay.Policy.Findings;
using Relay.Smtp.Addresses;
using Relay.Smtp.Client;
using Relay.Smtp.Replies;

namespace Relay.Node.Recipients;

/// <summary>One next hop that is asked for recipients: how many ask it at once, how fast it may be asked, and whether it is to be left alone. Thread-safe.</summary>
/// <remarks>A connection that has answered waits a moment for the next question. Whoever asks for one address after another costs the next hop no more than the rate.</remarks>
internal sealed class CalloutSite
{
    private static readonly RecipientOutcome NoPlace =
        new(OutcomeKind.Deferred, ClientStage.Connect, new SmtpReply(451, new(4, 3, 2), "no connection is left for questions"));

    private readonly DestinationKey _destination;
    private readonly CalloutResources _resources;
    private readonly Lock _gate = new();
    private readonly IdleProbes _idle;
    private long _wholeAt; // when the allowance of questions is whole again
    private readonly HopTrouble _trouble;
    private int _users;

    public CalloutSite(DestinationKey destination, CalloutResources resources)
    {
        _destination = destination;
        _resources = resources;
        _idle = new IdleProbes(resources);
        _trouble = new HopTrouble(resources.Limits, resources.Time);
    }

    /// <summary>Its name, for the log.</summary>
    public string Name => _destination.Name;

    /// <summary>Nobody asks, nothing is open, and nothing is remembered that another one would not know.</summary>
    public bool IsForgettable
    {
        get
        {
            lock (_gate)
            {
                // Whoever asks has put its connection aside before it is counted out.
                return _users == 0 && _idle.IsEmpty && !_trouble.IsOn && _wholeAt <= _resources.Time.GetTimestamp();
            }
        }
    }

    /// <summary>True for an outcome that tells of bounds of ours, and nothing of the next hop.</summary>
    public static bool IsOurBound(RecipientOutcome outcome) => ReferenceEquals(outcome, NoPlace);

    /// <summary>Begins a question.</summary>
    /// <param name="refusal">Why it may not be asked: a rate; null when there is nothing to say, because it was said before.</param>
    /// <returns>True when <see cref="AskAsync"/> must follow.</returns>
    public bool TryBegin(out string? refusal)
    {
        lock (_gate)
        {
            refusal = null;
            if (_trouble.IsOn)
            {
                return false;
            }

            var rate = _resources.Limits.HopRate;
            var now = _resources.Time.GetTimestamp();
            var period = (long)(rate.Period.TotalSeconds * _resources.Time.TimestampFrequency);
            var wholeAt = Math.Max(now, _wholeAt) + Math.Max(1, period / rate.Count);
            if (wholeAt - now > period)
            {
                refusal = $"asked too often: more than {rate}";
                return false;
            }

            _wholeAt = wholeAt;
            _users++;
            return true;
        }
    }

    /// <summary>Asks for a recipient, after <see cref="TryBegin"/>. Trouble with the next hop as a whole is remembered for a while.</summary>
    /// <param name="question">Who is asked for.</param>
    /// <param name="claim">Its claim to a connection.</param>
    /// <param name="within">Ends it: the time is over, or the node stops.</param>
    /// <returns>The outcome; null when others had trouble while this one waited.</returns>
    /// <exception cref="OperationCanceledException">The time was over, or the node stops.</exception>
    public async Task<RecipientOutcome?> AskAsync(CalloutQuestion question, PlaceClaim<ClientKey> claim, CancellationToken within)
    {
        var hasPlace = false;
        var isLeaving = false;
        var began = 0L;
        try
        {
            hasPlace = await _resources.Places.EnterAsync(claim).WaitAsync(within).ConfigureAwait(false);
            if (!hasPlace)
            {
                return NoPlace;
            }

            began = _resources.Time.GetTimestamp();
            lock (_gate)
            {
                if (_trouble.IsOn)
                {
                    return null;
                }
            }

            var (outcome, conversation) = await ConverseAsync(question, within).ConfigureAwait(false);
            Learn(question, outcome, conversation);

            if (conversation is not null && !_idle.TryKeep(conversation))
            {
                // The answer does not wait for the farewell; the next connection does.
                isLeaving = true;
                _ = LeaveAsync(conversation, claim);
            }

            return outcome;
        }
        catch (OperationCanceledException) when (hasPlace && _resources.Time.GetElapsedTime(began) >= _resources.Limits.ConnectTime)
        {
            // Who waited for a place for most of its time knows nothing of the next hop.
            RememberTrouble(question.Recipient, question.IsAsked);
            throw;
        }
        finally
        {
            if (!isLeaving)
            {
                Finish(claim);
            }
        }
    }

    private async Task<(RecipientOutcome Outcome, ProbeConversation? Conversation)> ConverseAsync(CalloutQuestion question, CancellationToken within)
    {
        if (_idle.Take() is { } kept)
        {
            var outcome = await AskOverAsync(kept, question, within).ConfigureAwait(false);
            if (kept.IsUsable || !kept.TellsOfConnection(outcome))
            {
                return (outcome, kept);
            }

            _idle.Close(kept); // it was done with while it waited: another one is asked
        }

        if (!_resources.TryTakePlace())
        {
            return (NoPlace, null);
        }

        var fresh = new ProbeConversation(_destination, _resources.Delivery);
        RecipientOutcome? failure;
        try
        {
            failure = await fresh.OpenAsync(within).ConfigureAwait(false);
        }
        catch
        {
            _idle.Close(fresh);
            throw;
        }

        if (failure is not null)
        {
            _idle.Close(fresh);
            return (failure, null);
        }

        return (await AskOverAsync(fresh, question, within).ConfigureAwait(false), fresh);
    }

    private async Task<RecipientOutcome> AskOverAsync(ProbeConversation conversation, CalloutQuestion question, CancellationToken within)
    {
        try
        {
            question.IsAsked = true;
            return await conversation.AskAsync(question.Recipient, within).ConfigureAwait(false);
        }
        catch
        {
            _idle.Close(conversation);
            throw;
        }
    }

    // A recipient that is put off says nothing of the others, a next hop that refuses the sender does.
    private void Learn(CalloutQuestion question, RecipientOutcome outcome, ProbeConversation? conversation)
    {
        if (IsOurBound(outcome))
        {
            return;
        }

        if (CalloutOutcome.Read(outcome) != RecipientFinding.Trouble)
        {
            lock (_gate)
            {
                _trouble.Answered();
            }
        }
        else if (outcome.Stage != ClientStage.Rcpt || conversation is not { IsUsable: true })
        {
            RememberTrouble(question.Recipient, isOfRecipient: question.IsAsked && outcome.Stage == ClientStage.Rcpt);
        }
    }

    private void RememberTrouble(MailPath recipient, bool isOfRecipient)
    {
        lock (_gate)
        {
            if (isOfRecipient)
            {
                _trouble.Lost(recipient.Text);
            }
            else
            {
                _trouble.Begin();
            }
        }
    }

    private async Task LeaveAsync(ProbeConversation conversation, PlaceClaim<ClientKey> claim)
    {
        await _idle.QuitAsync(conversation).ConfigureAwait(false);
        Finish(claim);
    }

    private void Finish(PlaceClaim<ClientKey> claim)
    {
        _resources.Places.Leave(claim);
        lock (_gate)
        {
            _users--;
        }
    }
}
