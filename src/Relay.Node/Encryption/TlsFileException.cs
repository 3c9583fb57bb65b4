using Relay.Node.Settings;

namespace Relay.Node.Encryption;

/// <summary>A file of certificates or keys that cannot be used. The message is <c>file: reason</c>.</summary>
internal sealed class TlsFileException : Exception
{
    public TlsFileException(TlsFile file, string reason)
        : base($"{ShownText.Clean(file.Name)}: {reason}")
    {
    }
}
