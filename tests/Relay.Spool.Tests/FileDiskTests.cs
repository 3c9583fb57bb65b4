using Relay.Spool.Disks;

namespace Relay.Spool.Tests;

public sealed class FileDiskTests
{
    [Fact]
    public void A_new_folder_is_its_owners_alone()
    {
        var root = Directory.CreateTempSubdirectory("relay-disk-").FullName;
        var folder = Path.Combine(root, "data", "spool");
        new FileDisk().CreateDirectory(folder);
        if (!OperatingSystem.IsWindows())
        {
            foreach (var made in new[] { folder, Path.GetDirectoryName(folder)! })
            {
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(made));
            }
        }

        Assert.True(Directory.Exists(folder));
        Directory.Delete(root, recursive: true);
    }
}
