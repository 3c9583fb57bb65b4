using System.Globalization;

namespace Relay.Flood.Sink;

/// <summary>A folder with <c>N.eml</c> and <c>N.json</c> for every accepted message, N counting up from 1.</summary>
/// <remarks>
/// Both are written under another name and renamed, the envelope first: whoever sees N.eml finds it whole and N.json beside it,
/// also after the process was killed. Nothing is synced, so a power cut may lose them.
/// </remarks>
internal sealed class SaveFolder
{
    private readonly string _path;
    private long _unfinished;

    private SaveFolder(string path, long last)
    {
        _path = path;
        LastNumber = last;
    }

    /// <summary>The highest number in the folder when it was opened; 0 when it was empty.</summary>
    public long LastNumber { get; }

    /// <summary>
    /// Makes the folder when missing; numbers go on after the highest in it, and leftovers of a killed process are removed.
    /// </summary>
    public static SaveFolder Open(string path)
    {
        var folder = Directory.CreateDirectory(path);
        var last = 0L;
        foreach (var file in folder.EnumerateFiles())
        {
            var name = Path.GetFileNameWithoutExtension(file.Name);
            if (file.Extension == ".tmp" && name.StartsWith("incoming-", StringComparison.Ordinal))
            {
                file.Delete();
            }
            else if (long.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                last = Math.Max(last, number);
            }
        }

        return new SaveFolder(folder.FullName, last);
    }

    /// <summary>A name for a file that is not finished.</summary>
    public string NextUnfinished() => File($"incoming-{Interlocked.Increment(ref _unfinished)}.tmp");

    /// <summary>The full path of a file in the folder.</summary>
    public string File(FormattableString name) => Path.Combine(_path, name.ToString(CultureInfo.InvariantCulture));
}
