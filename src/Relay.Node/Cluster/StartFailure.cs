using System.Net;
using System.Net.Sockets;
using Relay.Node.Settings;

namespace Relay.Node.Cluster;

/// <summary>Says in words why the cluster's system did not start: what Akka throws is wrapped five times around the cause.</summary>
internal static class StartFailure
{
    /// <summary>The cause, on one line.</summary>
    /// <param name="failure">What was thrown.</param>
    /// <param name="address"><c>Cluster:Address</c>.</param>
    public static string Describe(Exception failure, IPEndPoint address)
    {
        var cause = failure;
        while (cause.InnerException is { } inner)
        {
            cause = inner;
        }

        return cause switch
        {
            SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse } => $"Cluster:Address {address} is in use",
            SocketException { SocketErrorCode: SocketError.AddressNotAvailable } => $"Cluster:Address {address} is no address of this machine",
            SocketException { SocketErrorCode: SocketError.AccessDenied } => $"Cluster:Address {address}: permission denied",
            SocketException other => $"Cluster:Address {address}: {ShownText.Clean(other.Message)}",
            _ => ShownText.Clean($"{cause.GetType().Name}: {cause.Message}"),
        };
    }
}
