using Relay.Node.Dns;
using Relay.Policy.Decisions;
using Relay.Policy.Findings;
using Relay.Smtp.Addresses;

namespace Relay.Node.Recipients;

/// <summary>What next hops have answered. Thread-safe.</summary>
/// <remarks>Known and unknown recipients have places of their own: whoever tries out addresses cannot make the real ones forgotten.</remarks>
internal sealed class CalloutAnswers
{
    private readonly CalloutLimits _limits;
    private readonly TimedCache<CalloutKey, bool> _known;
    private readonly TimedCache<CalloutKey, bool> _unknown;

    public CalloutAnswers(CalloutLimits limits, TimeProvider time)
    {
        _limits = limits;
        _known = new TimedCache<CalloutKey, bool>(limits.KnownMax, time);
        _unknown = new TimedCache<CalloutKey, bool>(limits.UnknownMax, time);
    }

    /// <summary>Looks for an answer.</summary>
    /// <param name="key">The recipient.</param>
    /// <param name="isDue">It holds only if nobody can be asked.</param>
    /// <returns>Known or unknown; null when nothing is remembered.</returns>
    public RecipientFinding? Find(CalloutKey key, out bool isDue)
    {
        isDue = false;
        if (_unknown.TryGet(key, out _, out _))
        {
            return RecipientFinding.Unknown;
        }

        if (!_known.TryGet(key, out _, out var left))
        {
            return null;
        }

        isDue = left <= _limits.KnownTime - _limits.RefreshTime;
        return RecipientFinding.Known;
    }

    /// <summary>Remembers an answer instead of the one before. Trouble is none: what was known stays.</summary>
    public void Keep(CalloutKey key, RecipientFinding finding)
    {
        switch (finding)
        {
            case RecipientFinding.Known:
                _unknown.Remove(key);
                _known.Set(key, true, _limits.KnownTime);
                break;
            case RecipientFinding.Unknown:
                _known.Remove(key);
                _unknown.Set(key, true, _limits.UnknownTime);
                break;
        }
    }
}

/// <summary>A recipient as a next hop is asked for it.</summary>
/// <param name="Route">The route of its domain; null: by MX. Another route is another's answer.</param>
/// <param name="Recipient">Local part, to the letter, and domain: the next hop may tell <c>Bob</c> from <c>bob</c>, or refuse quotes (RFC 5321 section 2.4).</param>
internal readonly record struct CalloutKey(RouteTarget? Route, string Recipient)
{
    /// <summary>The key of a path with a domain.</summary>
    public static CalloutKey Of(RouteTarget? route, MailPath recipient) => new(route, $"{recipient.LocalPart}@{recipient.Domain!.Name}");
}
