namespace Relay.Node.Tests.Interop;

/// <summary>A folder with everything that a server of others reads and writes; gone with it.</summary>
internal sealed class ServerFolder : IDisposable
{
    /// <summary>Makes an empty one that every account may enter.</summary>
    public ServerFolder(string program)
    {
        Path = Directory.CreateTempSubdirectory($"relay-{program}-").FullName;
        Open(Path, (UnixFileMode)0b111_101_101);
    }

    public string Path { get; }

    /// <summary>A file or folder in it.</summary>
    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>Writes a file.</summary>
    public Task WriteAsync(string name, string text) => File.WriteAllTextAsync(this[name], text);

    /// <summary>Makes a folder that every account may write to: servers are somebody else when they deliver.</summary>
    public string MakeOpen(string name)
    {
        Directory.CreateDirectory(this[name]);
        Open(this[name], (UnixFileMode)0b111_111_111);
        return this[name];
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);

    private static void Open(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, mode);
        }
    }
}
