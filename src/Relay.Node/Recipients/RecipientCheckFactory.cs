using Relay.Actors.Deliveries;
using Relay.Actors.Metrics;
using Relay.Actors.Sites;

namespace Relay.Node.Recipients;

/// <summary>Makes a node's checks of recipients once there is what mail is delivered with.</summary>
internal sealed class RecipientCheckFactory(RecipientFiles files, RecipientLog log, CalloutLimits limits)
{
    public RecipientChecks Make(ISiteResolver sites, DeliveryResources delivery, RelayMetrics metrics) =>
        new(files, new Callouts(sites, delivery, log, limits), metrics);
}
