using Relay.Node.Outbound;

namespace Relay.Node.Tests.Outbound;

public sealed class PasswordFilesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("relay-passwords-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("secret", "secret")]
    [InlineData("secret\n", "secret")]
    [InlineData("pass word \r\nmore\n", "pass word ")]
    [InlineData("\nsecret", "")]
    [InlineData("жук", "жук")]
    public async Task The_first_line_is_the_password(string content, string password)
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "p"), content);
        Assert.Equal((password, ""), await new PasswordFiles(_folder).ReadAsync("p", CancellationToken.None));
        Assert.Equal((password, ""), await new PasswordFiles("/").ReadAsync(Path.Combine(_folder, "p"), CancellationToken.None));
    }

    [Fact]
    public async Task What_cannot_be_read_is_told_without_its_content()
    {
        var files = new PasswordFiles(_folder);
        Assert.Equal((null, "no such file"), await files.ReadAsync("p", CancellationToken.None));
        await File.WriteAllBytesAsync(Path.Combine(_folder, "p"), [0x73, 0xff, 0x74]);
        Assert.Equal((null, "is not UTF-8"), await files.ReadAsync("p", CancellationToken.None));
        await File.WriteAllBytesAsync(Path.Combine(_folder, "p"), new byte[PasswordFiles.FileBytesMax + 1]);
        Assert.Equal((null, "is larger than 4 KiB"), await files.ReadAsync("p", CancellationToken.None));
    }
}
