namespace Relay.Node.Settings;

/// <summary>Files that a user names, read whole up to a limit.</summary>
internal static class BoundedFile
{
    /// <summary>The bytes of a file, or null and the reason for the user, who knows the file's name.</summary>
    /// <param name="path">The file.</param>
    /// <param name="bytesMax">Largest file taken.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    public static async Task<(byte[]? Bytes, string Problem)> TryReadAsync(string path, int bytesMax, CancellationToken cancellationToken)
    {
        try
        {
            if (Directory.Exists(path))
            {
                return (null, "is a folder");
            }

            // A device or a pipe has no length, so the limit holds while reading, not before.
            await using var file = File.OpenRead(path);
            var bytes = new byte[bytesMax + 1];
            var length = await file.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken);
            return length <= bytesMax ? (bytes[..length], "") : (null, $"is larger than {SettingText.Of(bytesMax)}");
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return (null, Describe(unreadable));
        }
    }

    private static string Describe(Exception problem) => problem switch
    {
        FileNotFoundException or DirectoryNotFoundException => "no such file",
        UnauthorizedAccessException => "cannot be read: permission denied",
        _ => $"cannot be read: {ShownText.Clean(problem.Message)}",
    };
}
