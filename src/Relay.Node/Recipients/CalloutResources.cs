using Relay.Actors.Deliveries;
using Relay.Node.Listeners;
using Relay.Node.Places;

namespace Relay.Node.Recipients;

/// <summary>What questions to next hops are asked with. Thread-safe.</summary>
internal sealed class CalloutResources : IDisposable
{
    private static readonly TimeSpan QuitTime = TimeSpan.FromSeconds(2);

    private readonly OutboundSlots _slots;
    private int _connections;

    /// <param name="delivery">What mail is delivered with: next hops are found, connected to and proven in the same way.</param>
    /// <param name="limits">The bounds.</param>
    /// <param name="stopping">Cancelled when the node stops.</param>
    public CalloutResources(DeliveryResources delivery, CalloutLimits limits, CancellationToken stopping)
    {
        // How long a whole answer may take, whoever asks knows.
        Delivery = delivery with
        {
            Timeouts = new DeliveryTimeouts { Connect = limits.ConnectTime, Handshake = limits.AnswerTime, Command = limits.AnswerTime, Quit = QuitTime },
        };
        _slots = delivery.Slots;
        Limits = limits;
        Stopping = stopping;
        Places = new FairPlaces<ClientKey>(
            new PlaceLimits(limits.ConnectionsMax, limits.ConnectionsPerNetworkMax, limits.HopConnectionsMax, limits.QuestionsMax, limits.AnswerTime), delivery.Time);
    }

    public DeliveryResources Delivery { get; }

    public CalloutLimits Limits { get; }

    public CancellationToken Stopping { get; }

    /// <summary>Who may ask next, shared out among the networks of those who want to know. Nobody gives a connection up before its time is over.</summary>
    public FairPlaces<ClientKey> Places { get; }

    public TimeProvider Time => Delivery.Time;

    /// <summary>Takes a place for one more connection; then <see cref="ReleasePlace"/> must follow once.</summary>
    public bool TryTakePlace()
    {
        if (Interlocked.Increment(ref _connections) <= Limits.ConnectionsMax && _slots.TryTake(isProven: true))
        {
            return true;
        }

        Interlocked.Decrement(ref _connections);
        return false;
    }

    public void Dispose() => Places.Dispose();

    /// <summary>A connection is closed.</summary>
    public void ReleasePlace()
    {
        Interlocked.Decrement(ref _connections);
        _slots.Release();
    }
}
