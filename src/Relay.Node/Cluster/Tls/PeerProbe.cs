using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Akka.Actor;
using Relay.Node.Settings;

namespace Relay.Node.Cluster.Tls;

/// <summary>
/// Calls a node once before Akka does: a handshake that Akka begins and that fails ends its whole system, and with it the membership of a node
/// that has done nothing wrong. So one peer with a bad certificate would take all others out of the cluster.
/// </summary>
internal sealed partial class PeerProbe
{
    /// <summary>For connection and handshake together.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>For a peer to say that it does not take this node's certificate: in TLS 1.3 it does so after the handshake is over here.</summary>
    public static readonly TimeSpan RefusalWait = TimeSpan.FromMilliseconds(200);

    /// <summary>Between two lines about the same peer.</summary>
    public static readonly TimeSpan LineInterval = TimeSpan.FromMinutes(1);

    private readonly ClusterTls _tls;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Lock _lock = new();
    private readonly Dictionary<Address, long> _told = [];

    public PeerProbe(ClusterTls tls, TimeProvider time, ILogger log) => (_tls, _time, _log) = (tls, time, log);

    /// <summary>Why a node must not be called; null when it may be.</summary>
    public async Task<string?> ProblemOfAsync(Address address)
    {
        using var patience = new CancellationTokenSource(Patience, _time);
        try
        {
            using var client = new TcpClient();
            var host = IPAddress.Parse(address.Host.Trim('[', ']'));
            await client.ConnectAsync(host, address.Port!.Value, patience.Token).ConfigureAwait(false);
            string? problem = null;
            var stream = new SslStream(client.GetStream());
            await using var _ = stream.ConfigureAwait(false);
            try
            {
                await stream.AuthenticateAsClientAsync(OptionsFor(host, found => problem = found), patience.Token).ConfigureAwait(false);
                problem = await RefusalAsync(stream).ConfigureAwait(false);
            }
            catch (Exception e) when (e is AuthenticationException or IOException)
            {
                problem ??= $"the handshake failed: {ShownText.Clean((e.InnerException ?? e).Message)}";
            }

            if (problem is not null)
            {
                Tell(address, problem);
            }

            return problem;
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            return "cannot be reached";
        }
    }

    private SslClientAuthenticationOptions OptionsFor(IPAddress host, Action<string?> found) => new()
    {
        TargetHost = host.ToString(),
        ClientCertificateContext = _tls.Material.Certificate,
        RemoteCertificateValidationCallback = (_, certificate, _, _) =>
        {
            var problem = _tls.Trust.ProblemOf(certificate as X509Certificate2);
            found(problem);
            return problem is null;
        },
    };

    // A node that takes us says nothing: it waits for the first word.
    private async Task<string?> RefusalAsync(SslStream stream)
    {
        using var wait = new CancellationTokenSource(RefusalWait, _time);
        try
        {
            await stream.ReadExactlyAsync(new byte[1], wait.Token).ConfigureAwait(false);
            return null;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
        catch (IOException)
        {
            return "it does not take this node's certificate";
        }
    }

    private void Tell(Address address, string problem)
    {
        var now = _time.GetTimestamp();
        lock (_lock)
        {
            if (_told.TryGetValue(address, out var told) && _time.GetElapsedTime(told, now) < LineInterval)
            {
                return;
            }

            _told[address] = now;
        }

        LogRefused(MemberAddress.Of(address.ToString()), problem);
    }

    [LoggerMessage(EventId = 4003, Level = LogLevel.Warning, Message = "cluster: {Address:l} is not spoken to: {Problem:l}")]
    private partial void LogRefused(string address, string problem);
}
