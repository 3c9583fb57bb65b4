using System.Net;
using Relay.Node.Settings;

namespace Relay.Node.Tests.EndToEnd;

/// <summary>A listener for each way to be under TLS.</summary>
internal static class EncryptedListeners
{
    public const int Offered = 0;
    public const int Required = 1;
    public const int Implicit = 2;

    public static IReadOnlyList<ListenerSettings> All { get; } =
    [
        new() { Name = "offered", Address = new IPEndPoint(IPAddress.Loopback, 0), Tls = TlsMode.Offered },
        new() { Name = "required", Address = new IPEndPoint(IPAddress.Loopback, 0), Tls = TlsMode.Required },
        new() { Name = "implicit", Address = new IPEndPoint(IPAddress.Loopback, 0), Tls = TlsMode.Implicit },
    ];
}
