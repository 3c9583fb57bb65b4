namespace Relay.Node.Settings;

/// <summary>Files that a user names, read whole up to a limit.</summary>
internal static class BoundedFile
{
    /// <summary>How long opening may take. A file opens at once; a named pipe waits for somebody to write, for ever if need be.</summary>
    public static readonly TimeSpan OpenTimeMax = TimeSpan.FromSeconds(5);

    /// <summary>The bytes of a file, or null and the reason for the user, who knows the file's name.</summary>
    /// <param name="path">The file.</param>
    /// <param name="bytesMax">Largest file taken.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    public static Task<(byte[]? Bytes, string Problem)> TryReadAsync(string path, int bytesMax, CancellationToken cancellationToken) =>
        TryReadAsync(path, bytesMax, OpenTimeMax, cancellationToken);

    /// <summary>As <see cref="TryReadAsync(string, int, CancellationToken)"/>, with a time of its own for opening.</summary>
    public static async Task<(byte[]? Bytes, string Problem)> TryReadAsync(
        string path, int bytesMax, TimeSpan openTimeMax, CancellationToken cancellationToken)
    {
        try
        {
            if (Directory.Exists(path))
            {
                return (null, "is a folder");
            }

            // A device or a pipe has no length, so the limit holds while reading, not before.
            await using var file = await OpenAsync(path, openTimeMax, cancellationToken);
            var bytes = new byte[RoomFor(file, bytesMax)];
            // A read of a pipe blocks in the system, where no token reaches it: it is left behind.
            var length = await file.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken)
                .AsTask().WaitAsync(cancellationToken);
            if (length < bytes.Length)
            {
                return (bytes[..length], "");
            }

            return (null, length > bytesMax ? $"is larger than {SettingText.Of(bytesMax)}" : "cannot be read: it grows while it is read");
        }
        catch (TimeoutException)
        {
            return (null, "cannot be read: it does not open, like a pipe that nobody writes to");
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return (null, Describe(unreadable));
        }
    }

    // One more than there should be, so that too much is noticed. What the system makes up as it is read says that it has no length.
    private static int RoomFor(FileStream file, int bytesMax) =>
        file.CanSeek && file.Length is > 0 and var length && length < bytesMax ? (int)length + 1 : bytesMax + 1;

    // What a path is cannot be told before it is open, and opening blocks in the system: it is waited for, and left behind.
    private static async Task<FileStream> OpenAsync(string path, TimeSpan timeMax, CancellationToken cancellationToken)
    {
        // Without a buffer: closing a buffered stream waits for the read that is on, and that of a pipe may wait for ever.
        var opening = Task.Run(() => new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0), CancellationToken.None);
        try
        {
            return await opening.WaitAsync(timeMax, cancellationToken);
        }
        catch (Exception late) when (late is TimeoutException or OperationCanceledException)
        {
            _ = CloseAsync(opening);
            throw;
        }
    }

    private static async Task CloseAsync(Task<FileStream> opening)
    {
        await ((Task)opening).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (opening.IsCompletedSuccessfully)
        {
            await (await opening).DisposeAsync();
        }
    }

    private static string Describe(Exception problem) => problem switch
    {
        FileNotFoundException or DirectoryNotFoundException => "no such file",
        UnauthorizedAccessException => "cannot be read: permission denied",
        _ => $"cannot be read: {ShownText.Clean(problem.Message)}",
    };
}
