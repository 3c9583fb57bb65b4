using System.Diagnostics.CodeAnalysis;
using Relay.Messages.Destinations;
using Relay.Smtp.Addresses;

namespace Relay.Actors.Sites;

/// <summary>Who waits for which domain's site, and whose turn it is. Pure.</summary>
/// <remarks>What may wait has look-ups of its own: reports to strangers, and domains that gave no answer before, keep no new mail waiting.</remarks>
/// <typeparam name="TAsker">Whoever gets the answer.</typeparam>
internal sealed class SiteQuestions<TAsker>
{
    private readonly SiteLimits _limits;
    private readonly Dictionary<MailDomain, Question> _questions = [];
    private readonly LookupTurns _first;
    private readonly LookupTurns _later;

    public SiteQuestions(SiteLimits limits)
    {
        _limits = limits;
        _first = new LookupTurns(limits.LookupsMax, limits.LookupsPerSenderMax);
        _later = new LookupTurns(limits.LaterLookupsMax, limits.LaterLookupsPerSenderMax);
    }

    /// <summary>Notes a question; one for a domain that is asked already waits for the same answer, and has it hurry when it may not wait itself.</summary>
    /// <returns>False when there is no room: it gets no answer from here.</returns>
    public bool TryAdd(SiteMessages.ResolveSite asked, TAsker asker)
    {
        var turns = asked.MayWait ? _later : _first;
        if (_questions.TryGetValue(asked.Domain, out var question))
        {
            question.Askers.Add(asker);
            if (!question.IsOn && question.Turns == _later && turns == _first && HasRoom(turns))
            {
                question.Turns = turns; // where it stands among the others it is passed over
                turns.Add(asked.Domain, asked.Sender);
            }

            return true;
        }

        if (!HasRoom(turns))
        {
            return false;
        }

        _questions.Add(asked.Domain, new Question(turns, asker));
        turns.Add(asked.Domain, asked.Sender);
        return true;
    }

    /// <summary>The domain whose turn it is, if another look-up may begin; <see cref="Finish"/> must follow for it.</summary>
    public bool TryBegin([NotNullWhen(true)] out MailDomain? domain) => TryBegin(_first, out domain) || TryBegin(_later, out domain);

    /// <summary>Ends a look-up.</summary>
    /// <returns>Everyone who has asked since, once for each question.</returns>
    public IReadOnlyList<TAsker> Finish(MailDomain domain)
    {
        if (!_questions.Remove(domain, out var question))
        {
            return [];
        }

        question.Turns.Release(question.Sender!);
        return question.Askers;
    }

    private bool HasRoom(LookupTurns turns) => turns.Waiting < _limits.WaitingMax;

    private bool TryBegin(LookupTurns turns, [NotNullWhen(true)] out MailDomain? domain)
    {
        while (turns.TryTake(out domain, out var sender))
        {
            if (_questions.TryGetValue(domain, out var question) && question.Turns == turns && !question.IsOn)
            {
                question.Sender = sender;
                return true;
            }

            turns.Release(sender);
        }

        return false;
    }

    private sealed class Question(LookupTurns turns, TAsker asker)
    {
        public List<TAsker> Askers { get; } = [asker];

        /// <summary>Where it waits, or has its place.</summary>
        public LookupTurns Turns { get; set; } = turns;

        /// <summary>Whose share its look-up is of; null while it is not on.</summary>
        public string? Sender { get; set; }

        public bool IsOn => Sender is not null;
    }
}
