using System.Net;
using Relay.Actors.Policy.Store;
using Relay.Node.CommandLine;
using Relay.Node.Policies;
using Relay.Node.Settings;
using Relay.Policy.Decisions;
using Relay.Policy.Documents;

namespace Relay.Node.Composition;

/// <summary>Reads the policy that a node starts with.</summary>
internal static class PolicyLoader
{
    /// <summary>The version of a policy that comes from a file: the cluster has not counted any yet.</summary>
    public const long FirstVersion = 1;

    /// <summary>The policy to start with: the cluster's, when this node has had one; else that of the settings' <c>PolicyFile</c>, or what holds without one.</summary>
    /// <param name="settings">What the node is.</param>
    /// <param name="folder">Where the node keeps the cluster's policy.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="CommandException">The policy cannot be read, or is not one that this version can enforce.</exception>
    public static async Task<LoadedPolicy> LoadAsync(NodeSettings settings, DocumentFolder folder, CancellationToken cancellation)
    {
        if (folder.Damage is not null && settings.Cluster.Seeds.Count > 0)
        {
            // The others have it, and the listeners stay closed until it is here.
            return Provisional(settings);
        }

        if (folder.Damage is { } damage)
        {
            throw new CommandException($"the cluster's policy cannot be read: {damage}; without this file the node starts with what it has besides");
        }

        if (folder.InForce is { } stored)
        {
            return OfCluster(settings, stored);
        }

        var loaded = await OfFileAsync(settings, cancellation).ConfigureAwait(false);
        if (loaded.Snapshot.Version == FirstVersion)
        {
            folder.BeginWith(FirstVersion, loaded.Text, nameof(settings.PolicyFile), File.GetLastWriteTimeUtc(PolicyFile.PathOf(settings.PolicyFile!, settings.SettingsDirectory)));
        }

        return loaded;
    }

    /// <summary>The files of recipients that a policy names.</summary>
    public static IEnumerable<string> ListsOf(PolicyDocument document) => document.Recipients.Select(static rule => rule.File).OfType<string>();

    /// <summary>What a node with these listeners has to say of a policy.</summary>
    public static IEnumerable<PolicyError> ListenerFindings(PolicyDocument document, NodeSettings settings) =>
        settings.Cluster.IsWitness ? [] : document.ValidateAgainst(NamesOf(settings)).Concat(ListenerWarnings.Of(document, settings.Listeners));

    /// <summary>True when the settings' file says something else than the cluster's policy does, so that somebody may wonder.</summary>
    public static async Task<bool> FileDiffersAsync(NodeSettings settings, ReadOnlyMemory<byte> inForce, CancellationToken cancellation)
    {
        if (settings.PolicyFile is not { } named)
        {
            return false;
        }

        var path = PolicyFile.PathOf(named, settings.SettingsDirectory);
        var (bytes, _) = await BoundedFile.TryReadAsync(path, PolicyParser.SizeMax, cancellation).ConfigureAwait(false);
        return bytes is null
            || PolicyParser.Parse(bytes).Document is null
            || !PolicyText.Plain(bytes).AsSpan().SequenceEqual(PolicyText.Plain(inForce));
    }

    private static LoadedPolicy OfCluster(NodeSettings settings, StoredDocument stored)
    {
        var version = stored.Head.Version;
        var parsed = PolicyParser.Parse(stored.Body);
        var document = parsed.Document ?? throw new CommandException(
            $"version {version} of the cluster's policy cannot be enforced by this program: {ShownText.Clean(parsed.Errors[0].ToString())}");
        return new LoadedPolicy(
            PolicySnapshot.Compile(document, version),
            stored.Body,
            [.. parsed.Warnings.Concat(ListenerFindings(document, settings)).Select(warning => ShownText.Clean(warning.ToString()))],
            [.. ListsOf(document)]);
    }

    private static LoadedPolicy Provisional(NodeSettings settings)
    {
        // A balancer faces whom it likes, wherever it finds us.
        var isLocal = settings.Listeners.All(static listener => IPAddress.IsLoopback(listener.Address.Address) && listener.ProxyProtocol is null);
        return new LoadedPolicy(PolicySnapshot.WithoutPolicy(isLocal), default, [], []) { IsProvisional = true };
    }

    private static async Task<LoadedPolicy> OfFileAsync(NodeSettings settings, CancellationToken cancellation)
    {
        if (settings.PolicyFile is not { } named)
        {
            return Provisional(settings);
        }

        var file = await PolicyFile.ReadAsync(named, settings.SettingsDirectory, cancellation).ConfigureAwait(false);
        var document = file.Parsed.Document ?? throw Refuse(file, file.Parsed.Errors);
        // A witness has none of the listeners that the cluster's policy names.
        var unknown = settings.Cluster.IsWitness ? [] : document.ValidateAgainst(NamesOf(settings));
        return unknown.Count == 0
            ? new LoadedPolicy(
                PolicySnapshot.Compile(document, FirstVersion, file.Name),
                file.Text,
                [.. file.Parsed.Warnings.Concat(ListenerWarnings.Of(document, settings.Listeners)).Select(warning => file.Show(warning))],
                [.. ListsOf(document)])
            : throw Refuse(file, unknown);
    }

    /// <summary>Where paths in a policy begin: at its own file.</summary>
    public static string FolderOf(NodeSettings settings) => settings.PolicyFile is { } file
        ? Path.GetDirectoryName(PolicyFile.PathOf(file, settings.SettingsDirectory)) ?? settings.SettingsDirectory
        : settings.SettingsDirectory;

    private static string[] NamesOf(NodeSettings settings) => [.. settings.Listeners.Select(static listener => listener.Name)];

    private static CommandException Refuse(PolicyFile file, IReadOnlyList<PolicyError> errors) =>
        new(string.Join(Environment.NewLine, errors.Select(error => file.Show(error))));
}

/// <summary>A policy as a node starts with it.</summary>
/// <param name="Snapshot">The policy.</param>
/// <param name="Text">Its document; empty without a policy.</param>
/// <param name="Warnings">What in its document is valid but likely not meant.</param>
/// <param name="RecipientLists">The files of recipients that it names.</param>
internal sealed record LoadedPolicy(
    PolicySnapshot Snapshot, ReadOnlyMemory<byte> Text, IReadOnlyList<string> Warnings, IReadOnlyList<string> RecipientLists)
{
    /// <summary>True when it is what holds without any policy: a node that joins others does not open its listeners under it.</summary>
    public bool IsProvisional { get; init; }
}
