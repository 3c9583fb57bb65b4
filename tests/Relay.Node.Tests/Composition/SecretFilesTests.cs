using Relay.Node.CommandLine;
using Relay.Node.Composition;

namespace Relay.Node.Tests.Composition;

public sealed class SecretFilesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("relay-secrets-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("admin.token", 0b110_000_000, null)]
    [InlineData("users.json", 0b100_000_000, null)]
    [InlineData("users.json", 0b110_100_000, "others than its owner may read it (mode 0640): chmod 600")]
    [InlineData("admin.token", 0b110_100_100, "others than its owner may read it (mode 0644): chmod 600")]
    [InlineData("users.json", 0b110_110_000, "others than its owner may read or write it (mode 0660): chmod 600")]
    public void Whoever_may_read_or_write_a_secret_beside_its_owner_is_told(string name, int mode, string? says)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, "x");
        File.SetUnixFileMode(path, (UnixFileMode)mode);
        Assert.Equal(says is null ? [] : [$"{path}: {says}"], SecretFiles.Review(_folder));
    }

    [Theory]
    [InlineData("admin.token")]
    [InlineData("users.json")]
    public void A_secret_that_everybody_may_write_stops_the_start(string name)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, "x");
        File.SetUnixFileMode(path, (UnixFileMode)0b110_000_010);
        var refused = Assert.Throws<CommandException>(() => SecretFiles.Review(_folder));
        Assert.Equal($"{path}: everybody may write it (mode 0602): look whether it is still yours, then chmod 600", refused.Message);
    }

    [Fact]
    public void A_folder_without_secrets_is_sound() => Assert.Empty(SecretFiles.Review(_folder));
}
