using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Relay.Spool.Disks;

/// <summary>The four calls of Linux that .NET does not offer: data sync, real allocation, sync of a folder, and what is left of a file system.</summary>
[SupportedOSPlatform("linux")]
internal static partial class NativeMethods
{
    private const int Interrupted = 4;
    private const int ReadOnlyDirectoryCloseOnExec = 0x10000 | 0x80000;

    /// <summary>fdatasync; a failure is reported, never tried again.</summary>
    public static void SyncData(SafeFileHandle file, string path) => Check(static f => FdataSync(f), file, "sync", path);

    /// <summary>fallocate with mode 0: the length is set and the blocks are there.</summary>
    public static void Allocate(SafeFileHandle file, long length, string path)
    {
        int error;
        do
        {
            error = Fallocate(file, 0, 0, length) == 0 ? 0 : Marshal.GetLastPInvokeError();
        }
        while (error == Interrupted);
        ThrowOnError(error, "allocate", path);
    }

    /// <summary>Opens a folder and syncs it.</summary>
    public static void SyncDirectory(string path)
    {
        var descriptor = Open(path, ReadOnlyDirectoryCloseOnExec, 0);
        ThrowOnError(descriptor < 0 ? Marshal.GetLastPInvokeError() : 0, "open folder", path);
        using var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        Check(static f => Fsync(f), handle, "sync folder", path);
    }

    /// <summary>statvfs; null where files are not counted, as on btrfs.</summary>
    public static long? FreeFiles(string path)
    {
        int error;
        FileSystem found;
        do
        {
            error = Statvfs(path, out found) == 0 ? 0 : Marshal.GetLastPInvokeError();
        }
        while (error == Interrupted);
        ThrowOnError(error, "look at the file system of", path);
        return found.Files == 0 ? null : (long)Math.Min(found.FilesAvailable, long.MaxValue);
    }

    private static void Check(Func<SafeFileHandle, int> call, SafeFileHandle file, string action, string path)
    {
        int error;
        do
        {
            error = call(file) == 0 ? 0 : Marshal.GetLastPInvokeError();
        }
        while (error == Interrupted);
        ThrowOnError(error, action, path);
    }

    private static void ThrowOnError(int error, string action, string path)
    {
        if (error != 0)
        {
            throw new IOException($"Cannot {action} {path}: {Marshal.GetPInvokeErrorMessage(error)}", error);
        }
    }

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    private static partial int FdataSync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "fallocate", SetLastError = true)]
    private static partial int Fallocate(SafeFileHandle file, int mode, long offset, long length);

    [LibraryImport("libc", EntryPoint = "statvfs", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statvfs(string path, out FileSystem found);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags, int mode);

    /// <summary>The fields of statvfs as every 64-bit libc has them; what follows those that are read differs, and is only room.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 256)]
    private struct FileSystem
    {
        public ulong BlockSize;
        public ulong FragmentSize;
        public ulong Blocks;
        public ulong BlocksFree;
        public ulong BlocksAvailable;
        public ulong Files;
        public ulong FilesFree;
        public ulong FilesAvailable;
    }
}
