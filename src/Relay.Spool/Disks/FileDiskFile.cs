using Microsoft.Win32.SafeHandles;

namespace Relay.Spool.Disks;

/// <summary>An open file of the machine's own disk.</summary>
internal sealed class FileDiskFile : IDiskFile
{
    private readonly SafeFileHandle _handle;
    private readonly string _path;

    private FileDiskFile(SafeFileHandle handle, string path)
    {
        _handle = handle;
        _path = path;
        Length = RandomAccess.GetLength(handle);
    }

    /// <inheritdoc/>
    public long Length { get; }

    /// <summary>Makes a new file with its blocks allocated.</summary>
    public static FileDiskFile Create(string path, long length)
    {
        var handle = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        try
        {
            if (OperatingSystem.IsLinux())
            {
                NativeMethods.Allocate(handle, length, path);
            }
            else
            {
                RandomAccess.SetLength(handle, length);
            }

            return new FileDiskFile(handle, path);
        }
        catch
        {
            handle.Dispose();
            File.Delete(path);
            throw;
        }
    }

    /// <summary>Opens a file that exists.</summary>
    public static FileDiskFile Open(string path) =>
        new(File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete), path);

    /// <inheritdoc/>
    public int Read(long offset, Span<byte> buffer)
    {
        var total = 0;
        while (total < buffer.Length)
        {
            var read = RandomAccess.Read(_handle, buffer[total..], offset + total);
            if (read == 0)
            {
                break;
            }

            total += read;
        }

        return total;
    }

    /// <inheritdoc/>
    public void Write(long offset, ReadOnlySpan<byte> bytes) => RandomAccess.Write(_handle, bytes, offset);

    /// <inheritdoc/>
    public void Sync()
    {
        if (OperatingSystem.IsLinux())
        {
            NativeMethods.SyncData(_handle, _path);
        }
        else
        {
            RandomAccess.FlushToDisk(_handle);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();
}
