using System.Buffers.Binary;
using System.Security.Cryptography;
using Relay.Spool.Disks;
using Relay.Spool.Records;

namespace Relay.Spool.Log;

/// <summary>Whose spool it is, and which incarnation.</summary>
/// <param name="Owner">Random, made with the folder.</param>
/// <param name="Epoch">One more at each opening, so that ids of one incarnation are never given again by the next.</param>
internal readonly record struct SpoolIdentity(ulong Owner, ulong Epoch)
{
    /// <summary>Bits of an entry's sequence below the epoch.</summary>
    public const int CounterBits = 40;

    /// <summary>Name of the file that keeps the identity.</summary>
    public const string FileName = "spool.id";

    private const string TemporaryName = "spool.id.tmp";
    private const int Size = 40;
    private const ulong Magic = 0x31_44_49_50_53_59_4C_52; // "RLYSPID1"

    /// <summary>Makes an owner.</summary>
    public static SpoolIdentity Create() => new(BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong))), 0);

    /// <summary>Reads the file; null when it is missing or damaged.</summary>
    public static SpoolIdentity? Read(IDisk disk, string directory)
    {
        Span<byte> bytes = stackalloc byte[Size];
        try
        {
            using var file = disk.Open(Path.Combine(directory, FileName));
            if (file.Read(0, bytes) < Size)
            {
                return null;
            }
        }
        catch (Exception exception) when (DiskFault.Is(exception))
        {
            return null;
        }

        if (BinaryPrimitives.ReadUInt64LittleEndian(bytes) != Magic
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes[32..]) != Crc32C.Of(bytes[..32]))
        {
            return null;
        }

        return new SpoolIdentity(BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]), BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]));
    }

    /// <summary>Makes the identity durable: a new file takes the old one's name, so a crash leaves one or the other whole. On a disk without room for one
    /// the old one is written over: one that is damaged by a crash then is found again in the segments.</summary>
    public void Write(IDisk disk, string directory)
    {
        Span<byte> bytes = stackalloc byte[Size];
        bytes.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, Magic);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], Owner);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[16..], Epoch);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[32..], Crc32C.Of(bytes[..32]));
        var temporary = Path.Combine(directory, TemporaryName);
        var path = Path.Combine(directory, FileName);
        disk.Delete(temporary);
        try
        {
            using var file = disk.Create(temporary, Size);
            file.Write(0, bytes);
            file.Sync();
        }
        catch (Exception exception) when (DiskFault.Is(exception) && Read(disk, directory) is not null)
        {
            disk.Delete(temporary);
            using var file = disk.Open(path);
            file.Write(0, bytes);
            file.Sync();
            return;
        }

        disk.Rename(temporary, path);
        disk.SyncDirectory(directory);
    }
}
