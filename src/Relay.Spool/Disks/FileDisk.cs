namespace Relay.Spool.Disks;

/// <summary>The machine's own disk.</summary>
public sealed class FileDisk : IDisk
{
    /// <inheritdoc/>
    public void CreateDirectory(string directory) => throw new NotImplementedException();

    /// <inheritdoc/>
    public IDisposable Lock(string path) => throw new NotImplementedException();

    /// <inheritdoc/>
    public IReadOnlyList<DiskEntry> List(string directory) => throw new NotImplementedException();

    /// <inheritdoc/>
    public IDiskFile Create(string path, long length) => throw new NotImplementedException();

    /// <inheritdoc/>
    public IDiskFile Open(string path) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Rename(string path, string newPath) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Delete(string path) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void SyncDirectory(string directory) => throw new NotImplementedException();

    /// <inheritdoc/>
    public long FreeBytes(string directory) => throw new NotImplementedException();
}
