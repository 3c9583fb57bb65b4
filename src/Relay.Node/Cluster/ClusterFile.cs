using Akka.Configuration;
using Relay.Node.CommandLine;

namespace Relay.Node.Cluster;

/// <summary>The file that tunes Akka: beside the settings file, else beside the program.</summary>
internal sealed class ClusterFile
{
    /// <summary>Its name.</summary>
    public const string FileName = "cluster.hocon";

    // What a node is stands in its settings, where it is checked; here it would be a second truth.
    private static readonly string[] ForbiddenKeys =
    [
        "akka.cluster.seed-nodes",
        "akka.cluster.roles",
        "akka.remote.dot-netty.tcp.hostname",
        "akka.remote.dot-netty.tcp.public-hostname",
        "akka.remote.dot-netty.tcp.port",
        "akka.remote.dot-netty.tcp.public-port",
        "akka.actor.serializers",
        "akka.actor.serialization-bindings",
    ];

    private ClusterFile(string? path, string? text)
    {
        Path = path;
        Text = text;
    }

    /// <summary>Where it was found, or null.</summary>
    public string? Path { get; }

    /// <summary>What it says, or null when there is none.</summary>
    public string? Text { get; }

    /// <summary>Reads the file.</summary>
    /// <param name="settingsFolder">The folder of the settings file.</param>
    /// <exception cref="CommandException">It is not readable HOCON, or holds a key that belongs into the settings.</exception>
    public static ClusterFile Load(string settingsFolder)
    {
        foreach (var folder in new[] { settingsFolder, AppContext.BaseDirectory })
        {
            var path = System.IO.Path.Combine(folder, FileName);
            if (File.Exists(path))
            {
                return new ClusterFile(path, Check(path, File.ReadAllText(path)));
            }
        }

        return new ClusterFile(null, null);
    }

    private static string Check(string path, string text)
    {
        Config config;
        try
        {
            config = ConfigurationFactory.ParseString(text);
        }
        catch (Exception e)
        {
            // The parser has no exception of its own: whatever it throws means that the file cannot be read.
            throw new CommandException($"{path}: not readable: {e.Message}");
        }

        foreach (var key in ForbiddenKeys)
        {
            if (config.HasPath(key))
            {
                throw new CommandException($"{path}: {key}: belongs into the node's settings (Cluster:Address, Cluster:Seeds, Cluster:Roles)");
            }
        }

        return text;
    }
}
