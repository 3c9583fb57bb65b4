using System.Diagnostics.CodeAnalysis;
using Relay.Smtp.Addresses;

namespace Relay.Actors.Sites;

/// <summary>Whose domain is looked up next: of those who wait, whoever has the fewest look-ups on, and then in turn. Pure.</summary>
/// <remarks>Name servers of one sender's recipients that do not answer take that sender's share of the look-ups, not everyone's.</remarks>
internal sealed class LookupTurns
{
    private readonly int _runningMax;
    private readonly int _perSenderMax;
    private readonly Dictionary<string, Share> _shares = new(StringComparer.Ordinal);
    private readonly SortedSet<Share> _next = new(Comparer<Share>.Create(static (left, right) =>
        left.Running != right.Running ? left.Running.CompareTo(right.Running) : left.Turn.CompareTo(right.Turn)));

    private long _turns;
    private int _running;

    /// <param name="runningMax">Look-ups at once.</param>
    /// <param name="perSenderMax">Of them for one sender.</param>
    public LookupTurns(int runningMax, int perSenderMax)
    {
        _runningMax = runningMax;
        _perSenderMax = perSenderMax;
    }

    /// <summary>Domains that wait.</summary>
    public int Waiting { get; private set; }

    /// <summary>A domain waits for its turn.</summary>
    public void Add(MailDomain domain, string sender)
    {
        if (!_shares.TryGetValue(sender, out var share))
        {
            share = new Share(sender) { Turn = ++_turns };
            _shares.Add(sender, share);
        }

        Waiting++;
        share.Domains.Enqueue(domain);
        Place(share);
    }

    /// <summary>Takes the next domain, if another look-up may begin; <see cref="Release"/> must follow for its sender.</summary>
    public bool TryTake([NotNullWhen(true)] out MailDomain? domain, [NotNullWhen(true)] out string? sender)
    {
        (domain, sender) = (null, null);
        if (_running >= _runningMax || _next.Min is not { } share)
        {
            return false;
        }

        _next.Remove(share);
        _running++;
        share.Running++;
        share.Turn = ++_turns;
        Waiting--;
        (domain, sender) = (share.Domains.Dequeue(), share.Sender);
        Place(share);
        return true;
    }

    /// <summary>A look-up has ended.</summary>
    public void Release(string sender)
    {
        var share = _shares[sender];
        _next.Remove(share);
        _running--;
        share.Running--;
        Place(share);
        if (share is { Running: 0, Domains.Count: 0 })
        {
            _shares.Remove(sender);
        }
    }

    private void Place(Share share)
    {
        if (share.Domains.Count > 0 && share.Running < _perSenderMax)
        {
            _next.Add(share);
        }
    }

    /// <summary>One sender's; what orders it changes only while it is not in the set.</summary>
    private sealed class Share(string sender)
    {
        public string Sender { get; } = sender;

        public Queue<MailDomain> Domains { get; } = new(1);

        public int Running { get; set; }

        public long Turn { get; set; }
    }
}
