using System.Net;
using Relay.Node.CommandLine;
using Relay.Node.Settings;
using Relay.Policy.Decisions;
using Relay.Policy.Documents;

namespace Relay.Node.Composition;

/// <summary>Reads the policy that a node starts with.</summary>
internal static class PolicyLoader
{
    /// <summary>The version of a policy that comes from a file: the cluster has not counted any yet.</summary>
    public const long FirstVersion = 1;

    /// <summary>The policy of the settings' <c>PolicyFile</c>, or what holds without one.</summary>
    /// <exception cref="CommandException">The file cannot be read, or is not a policy that this version can enforce.</exception>
    public static async Task<LoadedPolicy> LoadAsync(NodeSettings settings, CancellationToken cancellation)
    {
        if (settings.PolicyFile is not { } named)
        {
            // A balancer faces whom it likes, wherever it finds us.
            var isLocal = settings.Listeners.All(static listener =>
                IPAddress.IsLoopback(listener.Address.Address) && listener.ProxyProtocol is null);
            return new LoadedPolicy(PolicySnapshot.WithoutPolicy(isLocal), [], []);
        }

        var file = await PolicyFile.ReadAsync(named, settings.SettingsDirectory, cancellation).ConfigureAwait(false);
        var document = file.Parsed.Document ?? throw Refuse(file, file.Parsed.Errors);
        var unknown = document.ValidateAgainst([.. settings.Listeners.Select(static listener => listener.Name)]);
        // A witness has none of the listeners that the cluster's policy names.
        return unknown.Count == 0 || settings.Cluster.IsWitness
            ? new LoadedPolicy(
                PolicySnapshot.Compile(document, FirstVersion, file.Name),
                [.. file.Parsed.Warnings.Concat(ListenerWarnings.Of(document, settings.Listeners)).Select(warning => file.Show(warning))],
                [.. document.Recipients.Select(static rule => rule.File).OfType<string>()])
            : throw Refuse(file, unknown);
    }

    /// <summary>Where paths in a policy begin: at its own file.</summary>
    public static string FolderOf(NodeSettings settings) => settings.PolicyFile is { } file
        ? Path.GetDirectoryName(PolicyFile.PathOf(file, settings.SettingsDirectory)) ?? settings.SettingsDirectory
        : settings.SettingsDirectory;

    private static CommandException Refuse(PolicyFile file, IReadOnlyList<PolicyError> errors) =>
        new(string.Join(Environment.NewLine, errors.Select(error => file.Show(error))));
}

/// <summary>A policy as a node starts with it.</summary>
/// <param name="Snapshot">The policy.</param>
/// <param name="Warnings">What in its document is valid but likely not meant.</param>
/// <param name="RecipientLists">The files of recipients that it names.</param>
internal sealed record LoadedPolicy(PolicySnapshot Snapshot, IReadOnlyList<string> Warnings, IReadOnlyList<string> RecipientLists);
