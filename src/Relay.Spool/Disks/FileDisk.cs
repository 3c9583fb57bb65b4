namespace Relay.Spool.Disks;

/// <summary>The machine's own disk.</summary>
public sealed class FileDisk : IDisk
{
    // Mail is nobody's business but the node's: whoever may not enter the folder cannot open what is in it.
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <inheritdoc/>
    public void CreateDirectory(string directory)
    {
        var full = Path.GetFullPath(directory);
        if (Directory.Exists(full))
        {
            return;
        }

        var parent = Path.GetDirectoryName(full);
        if (parent is not null)
        {
            CreateDirectory(parent);
        }

        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(full);
        }
        else
        {
            Directory.CreateDirectory(full, OwnerOnly);
        }

        if (parent is not null)
        {
            SyncDirectory(parent);
        }
    }

    /// <inheritdoc/>
    public IDisposable Lock(string path) =>
        new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1);

    /// <inheritdoc/>
    public IReadOnlyList<DiskEntry> List(string directory)
    {
        var entries = new List<DiskEntry>();
        if (Directory.Exists(directory))
        {
            foreach (var file in new DirectoryInfo(directory).EnumerateFiles())
            {
                entries.Add(new DiskEntry(file.Name, file.Length));
            }
        }

        return entries;
    }

    /// <inheritdoc/>
    public IDiskFile Create(string path, long length) => FileDiskFile.Create(path, length);

    /// <inheritdoc/>
    public IDiskFile Open(string path) => FileDiskFile.Open(path);

    /// <inheritdoc/>
    public void Rename(string path, string newPath) => File.Move(path, newPath, overwrite: true);

    /// <inheritdoc/>
    public void Delete(string path) => File.Delete(path);

    /// <inheritdoc/>
    public void SyncDirectory(string directory)
    {
        // Elsewhere the file system has no such call: Windows keeps names durable by its own journal.
        if (OperatingSystem.IsLinux())
        {
            NativeMethods.SyncDirectory(directory);
        }
    }

    /// <inheritdoc/>
    public long FreeBytes(string directory)
    {
        var existing = Path.GetFullPath(directory);
        while (!Directory.Exists(existing) && Path.GetDirectoryName(existing) is { } parent)
        {
            existing = parent;
        }

        return new DriveInfo(existing).AvailableFreeSpace;
    }

    /// <inheritdoc/>
    public long? FreeFiles(string directory) => OperatingSystem.IsLinux() ? NativeMethods.FreeFiles(directory) : null;
}
