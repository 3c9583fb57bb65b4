using System.Text;
using Relay.Actors.Deliveries;
using Relay.Node.Settings;

namespace Relay.Node.Outbound;

/// <summary>Reads the passwords of smart hosts from the files that the policy names, each time anew.</summary>
/// <param name="folder">Where relative paths begin: the policy file's folder.</param>
internal sealed class PasswordFiles(string folder) : ISmartHostPasswords
{
    /// <summary>Largest file of a password, in octets. Its first line counts.</summary>
    public const int FileBytesMax = 4096;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public async Task<(string? Password, string Problem)> ReadAsync(string file, CancellationToken cancellation)
    {
        var (bytes, problem) = await BoundedFile.TryReadAsync(Path.GetFullPath(file, folder), FileBytesMax, cancellation).ConfigureAwait(false);
        if (bytes is null)
        {
            return (null, problem);
        }

        var end = Array.IndexOf(bytes, (byte)'\n');
        var line = bytes.AsSpan(0, end < 0 ? bytes.Length : end).TrimEnd((byte)'\r');
        try
        {
            return (Utf8.GetString(line), "");
        }
        catch (DecoderFallbackException)
        {
            return (null, "is not UTF-8"); // the exception would name octets
        }
    }
}
