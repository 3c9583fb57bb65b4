using Relay.Spool.Disks;

namespace Relay.Node.Policies;

/// <summary>Replaces a file as a whole: after a crash there is the old one or the new one. Only its owner reads it.</summary>
internal static class DurableFile
{
    /// <summary>Writes a file; it is on the disk under its name when this returns.</summary>
    /// <exception cref="IOException">It is not, and what was there is.</exception>
    public static void Write(string path, ReadOnlySpan<byte> octets)
    {
        var disk = new FileDisk();
        var folder = Path.GetDirectoryName(path)!;
        disk.CreateDirectory(folder);
        var next = path + ".new";
        File.Delete(next);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var file = new FileStream(next, options))
        {
            file.Write(octets);
            file.Flush(flushToDisk: true);
        }

        disk.Rename(next, path);
        disk.SyncDirectory(folder);
    }

    /// <summary>Removes a file for good; nothing when there is none.</summary>
    public static void Delete(string path)
    {
        if (File.Exists(path))
        {
            File.Delete(path);
            new FileDisk().SyncDirectory(Path.GetDirectoryName(path)!);
        }
    }
}
