using Relay.Policy.Limits;

namespace Relay.Actors.Policy.Limits;

/// <summary>What a node has lent of one key, and when it asks the others for what they have. Times are ticks of 100 ns of the table's clock.</summary>
internal sealed class KeyLoan
{
    private long _lent;
    private long? _held;
    private long _askedAt;
    private long _until;
    private long _recallFrom;
    private long _askFrom;

    /// <summary>Tokens that are lent: as many as the others said they had when they were last told to keep them, and what was lent since.</summary>
    public long OutAt(long now) => _until > now ? _lent : 0;

    /// <summary>What is to be lent now.</summary>
    /// <param name="wanted">Tokens that the others should have of it together.</param>
    /// <param name="spare">Tokens that can be lent.</param>
    /// <param name="now">The time.</param>
    /// <returns>0: what they have is theirs for longer; null: nothing is due.</returns>
    public long? Due(long wanted, long spare, long now)
    {
        if (_held is { } held && now - _askedAt >= LeaseSizes.LoanAnsweredWithin.Ticks)
        {
            // Who has not said by now what it has may be gone with it.
            (_lent, _held) = (held, null);
        }

        var lent = OutAt(now);
        var more = Math.Min(spare, wanted - lent);
        if (more >= LeaseSizes.LoanStep)
        {
            _lent = lent + more;
        }
        else if (lent > 0 && lent <= (2 * wanted) + LeaseSizes.LoanStep && _until - now <= LeaseSizes.LoanRenewedBefore.Ticks)
        {
            // Much more than that, of a key that is used less than before, is let run out.
            (more, _held, _askedAt) = (0, 0, now);
        }
        else
        {
            return null;
        }

        _until = now + LeaseSizes.ReserveKeptFor.Ticks;
        return more;
    }

    /// <summary>Another node that was told to keep what it has says how much that is.</summary>
    public void Held(long tokens) => _held += tokens;

    /// <summary>Whether the others are to be asked for what they have before anybody is refused: once when something is lent, and now and then when they may have
    /// some for another reason, for their node had the budget before, or this one began without it.</summary>
    public bool TryRecall(bool canOthersHave, long now)
    {
        var isDue = _until > now || (_recallFrom <= now && canOthersHave);
        _until = 0;
        _recallFrom = isDue ? now + LeaseSizes.RecallEvery.Ticks : _recallFrom;
        return isDue;
    }

    /// <summary>Whether they are to be asked because the budget does not answer: now and then, until it does.</summary>
    public bool TryAsk(long now)
    {
        var isDue = _askFrom <= now;
        _askFrom = isDue ? now + LeaseSizes.AskEvery.Ticks : _askFrom;
        return isDue;
    }

    /// <summary>The budget has answered.</summary>
    public void Answered() => _askFrom = 0;

    /// <summary>True when nothing is known that would matter.</summary>
    public bool IsIdle(long now) => _until <= now && _recallFrom <= now;
}
