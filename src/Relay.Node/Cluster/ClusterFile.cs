using System.Text;
using System.Text.Unicode;
using Akka.Configuration;
using Relay.Actors.Cluster;
using Relay.Node.CommandLine;
using Relay.Node.Settings;

namespace Relay.Node.Cluster;

/// <summary>The file that tunes Akka: beside the settings file, else beside the program.</summary>
internal sealed class ClusterFile
{
    /// <summary>Its name.</summary>
    public const string FileName = "cluster.hocon";

    /// <summary>Largest file taken, in bytes.</summary>
    public const int FileBytesMax = 1 << 20;

    // What a node is stands in its settings, where it is checked; here it would be a second truth.
    private static readonly string[] ForbiddenKeys =
    [
        "akka.cluster.seed-nodes",
        "akka.cluster.roles",
        "akka.remote.dot-netty.tcp.hostname",
        "akka.remote.dot-netty.tcp.public-hostname",
        "akka.remote.dot-netty.tcp.port",
        "akka.remote.dot-netty.tcp.public-port",
        "akka.remote.dot-netty.tcp.enable-ssl",
        "akka.remote.dot-netty.tcp.ssl",
        "akka.remote.dot-netty.tcp.transport-class",
        "akka.actor.serializers",
        "akka.actor.serialization-bindings",
    ];

    // The program relies on these: the cluster's end is not the process's end, and its words belong into the log. The first text is
    // what holds, the others say the same; those without a text are set where they are used.
    private static readonly (string Key, string[] Values)[] FixedKeys =
    [
        ("akka.actor.provider", ["cluster"]),
        ("akka.coordinated-shutdown.exit-clr", ["off", "false", "no"]),
        ("akka.coordinated-shutdown.run-by-clr-shutdown-hook", ["off", "false", "no"]),
        ("akka.coordinated-shutdown.terminate-actor-system", ["on", "true", "yes"]),
        // Only nodes with mail have it: a program that joins cannot even read what it would be told.
        ("akka.cluster.distributed-data.role", [ClusterRoles.Relay]),
        ("akka.loggers", []),
        ("akka.stdout-loglevel", ["off"]),
        ("akka.stdout-logger-class", []),
    ];

    // Akka's defaults for these would leave a partition unresolved, or take every pause for a failure: a file without them lost a part.
    private static readonly string[] RequiredKeys =
    [
        "akka.actor.ask-timeout",
        "akka.remote.dot-netty.tcp.maximum-frame-size",
        "akka.cluster.downing-provider-class",
        "akka.cluster.split-brain-resolver.active-strategy",
        "akka.cluster.split-brain-resolver.stable-after",
        "akka.cluster.failure-detector.heartbeat-interval",
        "akka.cluster.failure-detector.acceptable-heartbeat-pause",
    ];

    private ClusterFile(string? path, string? text)
    {
        Path = path;
        Text = text;
    }

    /// <summary>What holds whatever the file says, as HOCON.</summary>
    public static string FixedText { get; } =
        string.Join('\n', FixedKeys.Where(key => key.Values.Length > 0).Select(key => $"{key.Key} = {key.Values[0]}"));

    /// <summary>Where it was found, or null.</summary>
    public string? Path { get; }

    /// <summary>What it says, or null when there is none.</summary>
    public string? Text { get; }

    /// <summary>Reads the first file that is there.</summary>
    /// <param name="folders">Where to look: the folder of the settings file, then that of the program.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    /// <exception cref="CommandException">It is not readable HOCON, lacks a part, or holds a key that is not its own.</exception>
    public static async Task<ClusterFile> LoadAsync(IEnumerable<string> folders, CancellationToken cancellationToken)
    {
        var path = folders.Select(folder => System.IO.Path.Combine(folder, FileName)).FirstOrDefault(System.IO.Path.Exists);
        if (path is null)
        {
            return new ClusterFile(null, null);
        }

        var (bytes, problem) = await BoundedFile.TryReadAsync(path, FileBytesMax, cancellationToken).ConfigureAwait(false);
        if (bytes is not null && Utf8.IsValid(bytes))
        {
            var text = Encoding.UTF8.GetString(bytes).TrimStart('\uFEFF');
            problem = FindProblem(text) ?? "";
            if (problem.Length == 0)
            {
                return new ClusterFile(path, text);
            }
        }

        throw new CommandException(ShownText.Clean($"{path}: {(problem.Length == 0 ? "not UTF-8 text" : problem)}"));
    }

    private static string? FindProblem(string text)
    {
        if (HoconBalance.FindProblem(text) is { } unbalanced)
        {
            return unbalanced;
        }

        try
        {
            var config = ConfigurationFactory.ParseString(text);
            return config.HasPath("akka") ? FindWrongKey(config) : "holds no akka { }";
        }
        catch (Exception e)
        {
            // The parser has no exception of its own: whatever it throws means that the file cannot be read.
            return $"not readable: {e.Message}";
        }
    }

    private static string? FindWrongKey(Config config)
    {
        if (Array.Find(ForbiddenKeys, config.HasPath) is { } forbidden)
        {
            return $"{forbidden}: belongs into the node's settings (Cluster:Address, Cluster:Seeds, Cluster:Roles, Cluster:Tls)";
        }

        foreach (var (key, values) in FixedKeys)
        {
            if (config.HasPath(key) && (values.Length == 0 || !values.Contains(config.GetString(key), StringComparer.OrdinalIgnoreCase)))
            {
                return values.Length == 0 ? $"{key}: is the program's and cannot be set" : $"{key}: is {values[0]}, and nothing else";
            }
        }

        return Array.Find(RequiredKeys, key => !config.HasPath(key)) is { } missing
            ? $"{missing} is missing: begin with the {FileName} that lies beside the program"
            : ClusterFileValues.FindProblem(config);
    }
}
