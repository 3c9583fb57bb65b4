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
            var isLocal = settings.Listeners.All(static listener => IPAddress.IsLoopback(listener.Address.Address));
            return new LoadedPolicy(PolicySnapshot.WithoutPolicy(isLocal), []);
        }

        var file = await PolicyFile.ReadAsync(named, settings.SettingsDirectory, cancellation).ConfigureAwait(false);
        var document = file.Parsed.Document ?? throw Refuse(file, file.Parsed.Errors);
        var unknown = document.ValidateAgainst([.. settings.Listeners.Select(static listener => listener.Name)]);
        return unknown.Count == 0
            ? new LoadedPolicy(
                PolicySnapshot.Compile(document, FirstVersion, file.Name),
                [.. file.Parsed.Warnings.Concat(ListenerWarnings.Of(document, settings.Listeners)).Select(warning => file.Show(warning))])
            : throw Refuse(file, unknown);
    }

    private static CommandException Refuse(PolicyFile file, IReadOnlyList<PolicyError> errors) =>
        new(string.Join(Environment.NewLine, errors.Select(error => file.Show(error))));
}

/// <summary>A policy, and what in its document is valid but likely not meant.</summary>
internal sealed record LoadedPolicy(PolicySnapshot Snapshot, IReadOnlyList<string> Warnings);
