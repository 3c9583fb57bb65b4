using System.Text.RegularExpressions;
using Akka.Cluster.Sharding;
using Akka.Configuration;
using Akka.Configuration.Hocon;
using Relay.Node.Settings;
using Relay.Policy.Documents;

namespace Relay.Node.Cluster;

/// <summary>Checks the values of <c>cluster.hocon</c> against those that Akka ships: Akka itself takes what it cannot read for something else, or fails late.</summary>
internal static partial class ClusterFileValues
{
    private const string ClusterKey = "akka.cluster";
    private const string DurableKeys = ".distributed-data.durable.keys";

    // What may stand where one of a few words must.
    private static readonly Dictionary<string, string[]> Choices = new(StringComparer.Ordinal)
    {
        ["akka.cluster.split-brain-resolver.active-strategy"] = ["keep-majority", "keep-oldest", "static-quorum", "down-all"],
        ["akka.cluster.sharding.state-store-mode"] = ["ddata"],
        ["akka.cluster.sharding.remember-entities"] = ["off"],
        ["akka.actor.serialization-settings.allow-unregistered-types"] = ["off", "false", "no"],
    };

    // A time, or a word that switches it off (or, for the first two, has Akka choose).
    private static readonly string[] TimesOrSwitches =
    [
        "akka.cluster.down-removal-margin",
        "akka.cluster.split-brain-resolver.down-all-when-unstable",
        "akka.cluster.auto-down-unreachable-after",
        "akka.cluster.shutdown-after-unsuccessful-join-seed-nodes",
        "akka.cluster.publish-stats-interval",
        "akka.cluster.sharding.passivate-idle-entity-after",
        "akka.actor.ask-timeout",
    ];

    // Whoever writes these names what is below them.
    private static readonly string[] OwnNames = ["akka.cluster.role", "akka.cluster.distributed-data.durable", "akka.cluster.sharding.distributed-data"];

    private static readonly Lazy<Config> Shipped = new(ReadShipped);

    /// <summary>The first wrong value or unknown key, with the key; null when there is none.</summary>
    public static string? FindProblem(Config file) => FindProblem(file.Root.GetObject(), Shipped.Value.Root.GetObject(), "");

    private static string? FindProblem(HoconObject file, HoconObject? shipped, string path)
    {
        foreach (var (key, value) in file.Items)
        {
            var name = path.Length == 0 ? key : $"{path}.{key}";
            var reference = shipped?.Items.GetValueOrDefault(key);
            if (reference is null && IsClosed(path))
            {
                return $"{name}: unknown key; {NearestKey.Hint(key, (IEnumerable<string>?)shipped?.Items.Keys ?? [], $"Akka has none of this name in {path}")}";
            }

            var problem = value.IsObject()
                ? FindProblem(value.GetObject(), reference is { } inner && inner.IsObject() ? inner.GetObject() : null, name)
                : reference is null ? null : Describe(name, value, reference);
            if (problem is not null)
            {
                return problem;
            }
        }

        return null;
    }

    private static bool IsClosed(string path) =>
        (path == ClusterKey || path.StartsWith(ClusterKey + ".", StringComparison.Ordinal)) && !OwnNames.Any(own => path == own || path.StartsWith(own + ".", StringComparison.Ordinal));

    private static string? Describe(string name, HoconValue value, HoconValue reference)
    {
        if (reference.IsObject())
        {
            return $"{name}: is a section, not a value";
        }

        if (name.EndsWith(DurableKeys, StringComparison.Ordinal) && value.IsArray() && value.GetArray().Count > 0)
        {
            return $"{name}: must be []: what is kept on disk that way cannot be read back, and everything would wait for it";
        }

        // To the parser a list of nothing is no list, and has no text.
        var (text, shipped) = (TextOf(value), TextOf(reference));
        if (value.IsArray() || reference.IsArray())
        {
            return value.IsArray() && !reference.IsArray() && shipped.Length > 0 ? $"{name}: expected one value"
                : reference.IsArray() && !value.IsArray() && text.Length > 0 ? $"{name}: expected a list in [ ]"
                : null;
        }

        if (Choices.TryGetValue(name, out var choices))
        {
            return choices.Contains(text, StringComparer.OrdinalIgnoreCase)
                ? null
                : $"{name}: {ShownText.Quote(text)} is not one of {string.Join(", ", choices)}{Meant(text, choices)}";
        }

        if (name.EndsWith("-class", StringComparison.Ordinal))
        {
            return Type.GetType(text) is null ? $"{name}: {ShownText.Quote(text)} names no type of this program" : null;
        }

        return Expected(name, shipped) is var (what, fits) && !fits(text) ? $"{name}: {ShownText.Quote(text)} is not {what}" : null;
    }

    private static string TextOf(HoconValue value) => value.IsArray() ? "" : value.GetString() ?? "";

    private static string Meant(string text, string[] choices) => NearestKey.Find(text, choices) is { } nearest ? $"; did you mean {nearest}?" : "";

    // What a value must be, told by what Akka has in its place; null where that tells nothing.
    private static (string What, Func<string, bool> Fits)? Expected(string name, string shipped) => shipped switch
    {
        _ when TimesOrSwitches.Contains(name, StringComparer.Ordinal) =>
            ("a time like 5s, on or off", static text => Time().IsMatch(text) || Switch().IsMatch(text) || text is "infinite"),
        _ when name == "akka.remote.log-frame-size-exceeding" => ("a size like 32000b, or off", static text => Size().IsMatch(text) || text == "off"),
        _ when Switch().IsMatch(shipped) => ("on or off", static text => Switch().IsMatch(text)),
        _ when Time().IsMatch(shipped) => ("a time like 5s or 500ms", static text => Time().IsMatch(text)),
        _ when Whole().IsMatch(shipped) => ("a whole number", static text => Whole().IsMatch(text)),
        _ when Number().IsMatch(shipped) => ("a number", static text => Number().IsMatch(text)),
        _ when Size().IsMatch(shipped) => ("a size like 128000b", static text => Size().IsMatch(text)),
        _ => null,
    };

    private static Config ReadShipped()
    {
        var cluster = typeof(Akka.Cluster.Cluster).Assembly;
        return ConfigurationFactory.FromResource("Akka.Cluster.Configuration.Cluster.conf", cluster)
            .WithFallback(ClusterSharding.DefaultConfig())
            .WithFallback(Akka.Cluster.Tools.Singleton.ClusterSingleton.DefaultConfig())
            .WithFallback(Akka.DistributedData.DistributedData.DefaultConfig())
            .WithFallback(ConfigurationFactory.FromResource("Akka.Remote.Configuration.Remote.conf", typeof(Akka.Remote.RemoteActorRefProvider).Assembly))
            .WithFallback(ConfigurationFactory.Default());
    }

    [GeneratedRegex(@"^(on|off|true|false|yes|no)$", RegexOptions.IgnoreCase)]
    private static partial Regex Switch();

    [GeneratedRegex(@"^[0-9]+(\.[0-9]+)?\s*(ns|us|ms|s|m|h|d|milliseconds?|millis|seconds?|minutes?|hours?|days?)$")]
    private static partial Regex Time();

    [GeneratedRegex("^[0-9]+$")]
    private static partial Regex Whole();

    [GeneratedRegex(@"^[0-9]+(\.[0-9]+)?$")]
    private static partial Regex Number();

    [GeneratedRegex(@"^[0-9]+\s*(b|B|kB|k|K|KiB|MB|m|M|MiB)?$")]
    private static partial Regex Size();
}
