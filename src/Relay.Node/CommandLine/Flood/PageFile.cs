using Relay.Node.Settings;

namespace Relay.Node.CommandLine.Flood;

/// <summary>The file of <c>--html</c>, opened before a run: a place that cannot be written is told then, and not after it.</summary>
internal sealed class PageFile : IAsyncDisposable
{
    private readonly FileStream _file;
    private bool _isUnused;

    private PageFile(FileStream file, bool isNew)
    {
        _file = file;
        _isUnused = isNew;
    }

    /// <summary>Opens it. What it holds stays until there is a page.</summary>
    /// <exception cref="CommandException">It cannot be written.</exception>
    public static PageFile Open(string path)
    {
        var isNew = !File.Exists(path);
        try
        {
            return new PageFile(new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read), isNew);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"--html: {ShownText.Clean(e.Message)}", ExitCodes.Usage);
        }
    }

    /// <summary>Writes the page in place of what it held.</summary>
    public async Task WriteAsync(string page)
    {
        _isUnused = false;
        if (_file.CanSeek)
        {
            _file.SetLength(0);
        }

        await using var writer = new StreamWriter(_file, leaveOpen: true);
        await writer.WriteAsync(page);
    }

    /// <summary>Closes it; an empty file that is there for nothing goes.</summary>
    public async ValueTask DisposeAsync()
    {
        await _file.DisposeAsync();
        if (_isUnused)
        {
            File.Delete(_file.Name);
        }
    }
}
