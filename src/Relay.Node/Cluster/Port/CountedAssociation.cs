using Akka.Event;
using Akka.Remote.Transport;
using Google.Protobuf;

namespace Relay.Node.Cluster.Port;

/// <summary>A connection to the cluster's port that gives its place back when it ends, whoever ends it.</summary>
internal sealed class CountedAssociation : AssociationHandle
{
    private readonly AssociationHandle _inner;
    private readonly IDisposable _place;

    public CountedAssociation(AssociationHandle inner, IDisposable place)
        : base(inner.LocalAddress, inner.RemoteAddress)
    {
        (_inner, _place) = (inner, place);
        _ = PassOnAsync();
    }

    public override bool Write(ByteString payload) => _inner.Write(payload);

    /// <inheritdoc/>
    [Obsolete("Use the one that states a reason.")]
    public override void Disassociate()
    {
        _place.Dispose();
        _inner.Disassociate("it was given up", NoLogger.Instance);
    }

    private async Task PassOnAsync() =>
        _inner.ReadHandlerSource.TrySetResult(new Reader(await ReadHandlerSource.Task.ConfigureAwait(false), _place));

    private sealed class Reader(IHandleEventListener inner, IDisposable place) : IHandleEventListener
    {
        public void Notify(IHandleEvent ev)
        {
            if (ev is Disassociated)
            {
                place.Dispose();
            }

            inner.Notify(ev);
        }
    }
}
