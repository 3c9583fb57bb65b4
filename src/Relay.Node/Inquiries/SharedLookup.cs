using Relay.Node.Listeners;
using Relay.Node.Places;

namespace Relay.Node.Inquiries;

/// <summary>A look-up that is on, and how many connections still want its answer. Used under the lock of its <see cref="SharedLookups{TKey, TAnswer}"/>.</summary>
internal sealed class SharedLookup<TAnswer>
{
    private readonly CancellationTokenSource _abandoned = GiveUpSource.Create();

    public SharedLookup(PlaceClaim<ClientKey> claim)
    {
        Claim = claim;
    }

    /// <summary>Its claim to a place.</summary>
    public PlaceClaim<ClientKey> Claim { get; }

    /// <summary>Connections that want the answer.</summary>
    public int Askers { get; set; } = 1;

    /// <summary>Cancelled when nobody wants it any more.</summary>
    public CancellationToken Abandoned => _abandoned.Token;

    /// <summary>The answer.</summary>
    public TaskCompletionSource<TAnswer> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Nobody wants it any more; not under the lock.</summary>
    public void Abandon() => _abandoned.Cancel();
}
