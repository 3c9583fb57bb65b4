using Relay.TestKit;

namespace Relay.Node.Tests.Interop;

/// <summary>A maildir that a server of others delivers to: each message is awaited, never slept for.</summary>
internal sealed class MailFolder
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly string _new;
    private readonly HashSet<string> _seen = [];

    public MailFolder(string path)
    {
        _new = Path.Combine(path, "new");
    }

    /// <summary>The next message with the line ends of the wire, as servers on Unix keep LF.</summary>
    public async Task<byte[]> NextAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            patience.Token.ThrowIfCancellationRequested();
            if (Directory.Exists(_new) && Array.Find(Directory.GetFiles(_new), _seen.Add) is { } file)
            {
                var kept = await File.ReadAllBytesAsync(file, patience.Token);
                return [.. kept.SelectMany(octet => octet == (byte)'\n' ? "\r\n"u8.ToArray() : [octet])];
            }

            await Eventually.NextLookAsync();
        }
    }
}
