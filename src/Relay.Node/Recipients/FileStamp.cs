namespace Relay.Node.Recipients;

/// <summary>What tells one state of a file from the next: which file a path leads to, when it was written, and how long it is.</summary>
/// <remarks>A link that is moved leads elsewhere. What the system calls the time of making is no more than the time of writing, and it does not tell inodes.</remarks>
internal readonly record struct FileStamp(string? Target, DateTime Written, long Length)
{
    /// <summary>There is no such file, or nobody may look at it.</summary>
    public static readonly FileStamp None;

    /// <summary>The state of a file now.</summary>
    public static FileStamp Of(string path)
    {
        try
        {
            var file = new FileInfo(path);
            if (file.ResolveLinkTarget(returnFinalTarget: true) is FileInfo target)
            {
                file = target;
            }

            return file.Exists ? new FileStamp(file.FullName, file.LastWriteTimeUtc, file.Length) : None;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return None;
        }
    }
}
