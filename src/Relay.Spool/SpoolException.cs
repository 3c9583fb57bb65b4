namespace Relay.Spool;

/// <summary>What the spool cannot do or accept, with the file and the reason.</summary>
public class SpoolException : IOException
{
    /// <summary>Names the file and the reason.</summary>
    /// <param name="file">The file or folder in question.</param>
    /// <param name="reason">One sentence without the file's name.</param>
    /// <param name="inner">The cause, where there is one.</param>
    public SpoolException(string file, string reason, Exception? inner = null)
        : base($"{file}: {reason}", inner)
    {
        File = file;
        Reason = reason;
    }

    /// <summary>The file or folder in question.</summary>
    public string File { get; }

    /// <summary>One sentence without the file's name.</summary>
    public string Reason { get; }
}

/// <summary>The quota has no room for another entry; removals and states are still taken. Worth trying again later.</summary>
public sealed class SpoolFullException : SpoolException
{
    /// <summary>Names the folder that is full.</summary>
    /// <param name="folder">The spool's folder.</param>
    public SpoolFullException(string folder)
        : base(folder, "The spool's quota is used up.")
    {
    }
}

/// <summary>The disk failed and the entry was not made durable: nothing of it remains. Worth trying again later.</summary>
public sealed class SpoolUnavailableException : SpoolException
{
    /// <summary>Names the file that could not be written.</summary>
    /// <param name="file">The file or folder in question.</param>
    /// <param name="reason">One sentence without the file's name.</param>
    /// <param name="inner">The disk's error, where there is one.</param>
    public SpoolUnavailableException(string file, string reason, Exception? inner = null)
        : base(file, reason, inner)
    {
    }
}
