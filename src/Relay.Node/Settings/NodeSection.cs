using System.Net;

namespace Relay.Node.Settings;

/// <summary>Who this node is and where it keeps its data.</summary>
public sealed record NodeSection
{
    /// <summary>The host name used when the machine's own cannot be found.</summary>
    public const string FallbackHostName = "localhost.localdomain";

    /// <summary>Longest <see cref="Name"/>, in characters.</summary>
    public const int NameCharactersMax = 64;

    /// <summary>Longest <see cref="DrainTime"/>.</summary>
    public static readonly TimeSpan DrainTimeMax = TimeSpan.FromHours(1);

    /// <summary>Longest <see cref="DrainNotice"/>.</summary>
    public static readonly TimeSpan DrainNoticeMax = TimeSpan.FromMinutes(10);

    /// <summary>The <see cref="DrainNotice"/> of a node behind a balancer that nobody set: two or three health checks of most balancers.</summary>
    public static readonly TimeSpan DrainNoticeBehindBalancer = TimeSpan.FromSeconds(5);

    /// <summary>The node's name in logs and in the cluster: letters, digits, '.', '-' and '_'. The machine's name by default.</summary>
    public string Name { get; init; } = Environment.MachineName;

    /// <summary>The name in the greeting, in EHLO and in Received fields (RFC 5321 4.1.1.1). The machine's full name by default.</summary>
    public string HostName { get; init; } = FallbackHostName;

    /// <summary>The addresses that this node's mail leaves from, as others see them: the blocklists of the policy are asked about them.</summary>
    public IReadOnlyList<IPAddress> PublicAddresses { get; init; } = [];

    /// <summary>The folder of the spool and of <c>admin.token</c>.</summary>
    public string DataDirectory { get; init; } = "data";

    /// <summary>How long the node goes on as before after it was told to stop, only not ready any more. Null:
    /// <see cref="DrainNoticeBehindBalancer"/> when a listener is behind a balancer, else none.</summary>
    public TimeSpan? DrainNotice { get; init; }

    /// <summary>How long conversations and deliveries may go on after that.</summary>
    public TimeSpan DrainTime { get; init; } = TimeSpan.FromSeconds(30);
}
