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

    /// <summary>The node's name in logs and in the cluster: letters, digits, '.', '-' and '_'. The machine's name by default.</summary>
    public string Name { get; init; } = Environment.MachineName;

    /// <summary>The name in the greeting, in EHLO and in Received fields (RFC 5321 4.1.1.1). The machine's full name by default.</summary>
    public string HostName { get; init; } = FallbackHostName;

    /// <summary>The folder of the spool and of <c>admin.token</c>.</summary>
    public string DataDirectory { get; init; } = "data";

    /// <summary>How long conversations and deliveries may go on after the node was told to stop.</summary>
    public TimeSpan DrainTime { get; init; } = TimeSpan.FromSeconds(30);
}
