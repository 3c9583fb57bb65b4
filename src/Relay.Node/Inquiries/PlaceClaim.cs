using Relay.Node.Listeners;

namespace Relay.Node.Inquiries;

/// <summary>One look-up's claim to a place: for whom it asks, and of whom. Used under the lock of its <see cref="FairPlaces"/>.</summary>
internal sealed class PlaceClaim
{
    private readonly CancellationTokenSource _yielded = GiveUpSource.Create();

    /// <param name="network">The network of the client that wants to know.</param>
    /// <param name="zone">What is asked, as far as others share it; null when nobody else does.</param>
    public PlaceClaim(ClientKey network, string? zone)
    {
        Networks.Add(network);
        Zone = zone;
    }

    /// <summary>Networks whose clients want to know: the first is the one that asked first.</summary>
    public List<ClientKey> Networks { get; } = new(1);

    /// <summary>What is asked, as far as others share it.</summary>
    public string? Zone { get; }

    /// <summary>The network whose share the place is of.</summary>
    public ClientKey Payer { get; set; }

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
