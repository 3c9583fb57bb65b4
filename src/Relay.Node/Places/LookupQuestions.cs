using Relay.Node.Dns;

namespace Relay.Node.Places;

/// <summary>The questions of one look-up: those whose answers are known cost nothing, the first other one waits for the look-up's place.</summary>
internal sealed class LookupQuestions<TPayer> : IQuestions
    where TPayer : notnull
{
    private readonly DnsQuestions _dns;
    private readonly FairPlaces<TPayer> _places;
    private readonly PlaceClaim<TPayer> _claim;
    private Task<bool>? _place;

    public LookupQuestions(DnsQuestions dns, FairPlaces<TPayer> places, PlaceClaim<TPayer> claim)
    {
        _dns = dns;
        _places = places;
        _claim = claim;
    }

    /// <summary>True when there was no place to wait for.</summary>
    public bool IsRefused { get; private set; }

    /// <inheritdoc/>
    public async Task<DnsAnswer> AskAsync(string name, QueryType type, CancellationToken cancellation)
    {
        if (_dns.TryRecall(name, type, out var known))
        {
            return known;
        }

        _place ??= _places.EnterAsync(_claim);
        IsRefused = !await _place.WaitAsync(cancellation).ConfigureAwait(false);
        return !IsRefused
            ? await _dns.AskAsync(name, type, cancellation).ConfigureAwait(false)
            : new DnsAnswer(DnsAnswerKind.Trouble, TimeSpan.Zero) { Problem = "Too many DNS look-ups wait" };
    }
}
