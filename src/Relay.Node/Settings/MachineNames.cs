using System.Net.Sockets;

namespace Relay.Node.Settings;

/// <summary>What the machine calls itself.</summary>
internal static class MachineNames
{
    /// <summary>How long the resolver is asked for the full name: a broken one must not hold the start up.</summary>
    private static readonly TimeSpan LookupTimeMax = TimeSpan.FromSeconds(2);

    /// <summary>The host's name with its domain; null when neither the machine nor its resolver knows one.</summary>
    public static async Task<string?> FindFullNameAsync(CancellationToken cancellationToken)
    {
        var name = System.Net.Dns.GetHostName();
        if (name.Contains('.', StringComparison.Ordinal))
        {
            return name;
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(LookupTimeMax);
        try
        {
            var found = (await System.Net.Dns.GetHostEntryAsync(name, limit.Token)).HostName;
            return found.Contains('.', StringComparison.Ordinal) ? found : null;
        }
        catch (Exception unknown) when (unknown is SocketException || IsOverLimit(unknown, cancellationToken))
        {
            return null;
        }
    }

    private static bool IsOverLimit(Exception thrown, CancellationToken caller) =>
        thrown is OperationCanceledException && !caller.IsCancellationRequested;
}
