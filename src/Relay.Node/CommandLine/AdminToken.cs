using System.Text;
using Relay.Node.Settings;

namespace Relay.Node.CommandLine;

/// <summary>The secret that opens the API, and the file it came from.</summary>
internal sealed record AdminToken(string File, string Value)
{
    /// <summary>Largest token file, in bytes.</summary>
    public const int FileBytesMax = 4096;

    /// <summary>Reads a token file: one word of printable ASCII.</summary>
    /// <exception cref="CommandException">There is no token in it.</exception>
    public static async Task<AdminToken> ReadAsync(string named, string directory, CancellationToken cancellationToken)
    {
        var shown = ShownText.Clean(named);
        var (bytes, problem) = await BoundedFile.TryReadAsync(Path.GetFullPath(named, directory), FileBytesMax, cancellationToken);
        if (bytes is null)
        {
            throw new CommandException($"{shown}: {problem}: the node makes it at its first start; name another with --token-file");
        }

        var token = Encoding.Latin1.GetString(bytes).Trim();
        return token.Length > 0 && token.All(c => c is > ' ' and <= '~')
            ? new AdminToken(shown, token)
            : throw new CommandException($"{shown}: holds no token: one word of printable ASCII");
    }

    /// <summary>The file; a secret does not get into a message by accident.</summary>
    public override string ToString() => File;
}
