namespace Relay.Spool.Disks;

/// <summary>The few operations on files that the spool's promises rest on. Failures are <see cref="IOException"/>s.</summary>
/// <remarks>What is written is durable only after <see cref="IDiskFile.Sync"/>; a name made, changed or removed only after
/// <see cref="SyncDirectory"/> of its folder.</remarks>
public interface IDisk
{
    /// <summary>Makes a folder and the folders above it, durably; does nothing when it exists.</summary>
    void CreateDirectory(string directory);

    /// <summary>Takes an exclusive lock on a file, which is made when missing. Disposing frees it; so does the end of the
    /// process.</summary>
    /// <exception cref="IOException">Another process, or another caller in this one, holds it.</exception>
    IDisposable Lock(string path);

    /// <summary>The names (without folder) and lengths of the files of a folder; empty when the folder does not exist.</summary>
    IReadOnlyList<DiskEntry> List(string directory);

    /// <summary>Makes a new file of the given length whose blocks are allocated, so that a write within it cannot run out of
    /// space.</summary>
    IDiskFile Create(string path, long length);

    /// <summary>Opens a file that exists for reading and writing.</summary>
    IDiskFile Open(string path);

    /// <summary>Gives a file another name in the same folder; a file that has that name already is replaced.</summary>
    void Rename(string path, string newPath);

    /// <summary>Removes a file.</summary>
    void Delete(string path);

    /// <summary>Makes the folder's names durable.</summary>
    void SyncDirectory(string directory);

    /// <summary>Bytes that the disk under a folder has left for us; the folder need not exist yet.</summary>
    long FreeBytes(string directory);

    /// <summary>Files that can still be made on the disk under a folder, which exists; null when it does not count them.</summary>
    long? FreeFiles(string directory) => null;

    /// <summary>Bytes of all files of a folder; 0 when it does not exist.</summary>
    long UsedBytes(string directory)
    {
        var used = 0L;
        foreach (var entry in List(directory))
        {
            used += entry.Length;
        }

        return used;
    }
}

/// <summary>One file of a folder.</summary>
/// <param name="Name">Its name without the folder.</param>
/// <param name="Length">Its length in bytes.</param>
public readonly record struct DiskEntry(string Name, long Length);

/// <summary>An open file. Reads may run beside a write; writes and syncs are made by one thread at a time.</summary>
public interface IDiskFile : IDisposable
{
    /// <summary>Length in bytes.</summary>
    long Length { get; }

    /// <summary>Reads until the buffer is full or the file ends.</summary>
    /// <returns>Bytes read.</returns>
    int Read(long offset, Span<byte> buffer);

    /// <summary>Writes all of the bytes.</summary>
    void Write(long offset, ReadOnlySpan<byte> bytes);

    /// <summary>Makes what was written durable. After a failure nothing written since the last success may be relied on, ever.</summary>
    void Sync();
}
