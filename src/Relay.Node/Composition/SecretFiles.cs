using System.Globalization;
using Relay.Node.Admin;
using Relay.Node.Authentication;
using Relay.Node.CommandLine;

namespace Relay.Node.Composition;

/// <summary>Who beside their owner may touch the secrets of a data directory.</summary>
/// <remarks>
/// As Postfix warns and OpenSSH refuses: whoever writes these files logs in, and reads or deletes mail; whoever reads them guesses passwords, or has
/// the API. A group may have its reasons, and platforms that share a volume give it the right at every start; everybody has none.
/// </remarks>
internal static class SecretFiles
{
    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    private static readonly string[] Names = [BearerToken.FileName, UserStore.FileName];

    /// <summary>Looks at the files that are there.</summary>
    /// <returns>What to warn of.</returns>
    /// <exception cref="CommandException">Everybody may write one.</exception>
    public static IReadOnlyList<string> Review(string dataDirectory)
    {
        if (OperatingSystem.IsWindows())
        {
            return [];
        }

        var warnings = new List<string>();
        var users = Path.Combine(dataDirectory, ClusterUsers.FolderName);
        var ofCluster = Directory.Exists(users) ? Directory.GetFiles(users) : [];
        foreach (var path in Names.Select(name => Path.Combine(dataDirectory, name)).Where(File.Exists).Concat(ofCluster.Order(StringComparer.Ordinal)))
        {
            var mode = File.GetUnixFileMode(path);
            var shown = Convert.ToString((int)mode, 8).PadLeft(4, '0');
            if ((mode & UnixFileMode.OtherWrite) != 0)
            {
                throw new CommandException($"{path}: everybody may write it (mode {shown}): look whether it is still yours, then chmod 600");
            }

            if ((mode & Others) != 0)
            {
                warnings.Add(string.Create(CultureInfo.InvariantCulture, $"{path}: others than its owner may {RightsOf(mode)} it (mode {shown}): chmod 600"));
            }
        }

        return warnings;
    }

    private static string RightsOf(UnixFileMode mode) => (mode & UnixFileMode.GroupWrite) != 0 ? "read or write" : "read";
}
