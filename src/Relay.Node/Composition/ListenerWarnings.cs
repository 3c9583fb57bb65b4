using System.Net;
using Relay.Node.Settings;
using Relay.Policy.Documents;

namespace Relay.Node.Composition;

/// <summary>What policy grants to listeners, held against what the settings say of them: the policy knows only their names.</summary>
internal static class ListenerWarnings
{
    /// <summary>Listeners of <c>relay.listeners</c> that more people may reach than are meant.</summary>
    public static IEnumerable<PolicyError> Of(PolicyDocument policy, IReadOnlyList<ListenerSettings> listeners)
    {
        foreach (var granted in policy.Relay.Listeners)
        {
            var listener = listeners.FirstOrDefault(listener => string.Equals(listener.Name, granted.Name, StringComparison.Ordinal));
            if (listener is { ProxyProtocol: not null })
            {
                yield return new PolicyError(granted.Key, granted.Line, $"whoever the balancers of listener \"{listener.Name}\" let in may relay");
            }
            else if (listener is { Device: null } && !IPAddress.IsLoopback(listener.Address.Address))
            {
                yield return new PolicyError(
                    granted.Key,
                    granted.Line,
                    $"whoever reaches {listener.Address} may relay, over any device: name the right one as Device of listener \"{listener.Name}\"");
            }
        }
    }
}
