namespace Relay.Node.Places;

/// <summary>One look-up's claim to a place: for whom it asks, and of whom. Used under the lock of its <see cref="FairPlaces{TPayer}"/>.</summary>
internal sealed class PlaceClaim<TPayer>
    where TPayer : notnull
{
    private readonly CancellationTokenSource _yielded = GiveUpSource.Create();

    /// <param name="payer">Who wants to know: whose share the place would be of.</param>
    /// <param name="zone">What is asked, as far as others share it; null when nobody else does.</param>
    public PlaceClaim(TPayer payer, string? zone)
    {
        Payers.Add(payer);
        Payer = payer;
        Zone = zone;
    }

    /// <param name="payers">Who wants to know, one at least: the share of any of them will do.</param>
    /// <param name="zone">What is asked, as far as others share it; null when nobody else does.</param>
    public PlaceClaim(IReadOnlyList<TPayer> payers, string? zone)
        : this(payers[0], zone)
    {
        Payers.AddRange(payers.Skip(1));
    }

    /// <summary>Who wants to know: the first is the one that asked first.</summary>
    public List<TPayer> Payers { get; } = new(1);

    /// <summary>What is asked, as far as others share it.</summary>
    public string? Zone { get; }

    /// <summary>Whose share the place is of, once it has one.</summary>
    public TPayer Payer { get; set; }

    /// <summary>When it got its place.</summary>
    public long Since { get; set; }

    /// <summary>True once it was told to give its place up.</summary>
    public bool IsYielding { get; set; }

    /// <summary>Ends with true for a place, with false when there is none to wait for.</summary>
    public TaskCompletionSource<bool> Place { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Cancelled when the place is wanted by others.</summary>
    public CancellationToken Yielded => _yielded.Token;

    /// <summary>Tells it to give its place up; not under the lock.</summary>
    public void Yield() => _yielded.Cancel();
}
