using System.Text;
using Relay.Node.Settings;

namespace Relay.Node.Encryption;

/// <summary>What one file held when it was read.</summary>
/// <param name="Name">The file.</param>
/// <param name="Text">Its content.</param>
internal sealed record TlsFile(string Name, string Text);

/// <summary>The contents of the files that the settings' <c>Tls</c> names.</summary>
/// <param name="Certificate">The certificate, and the chain behind it.</param>
/// <param name="Key">Its private key.</param>
/// <param name="ClientAuthorities">Who may vouch for clients; null when nobody is named.</param>
internal sealed record TlsFiles(TlsFile Certificate, TlsFile Key, TlsFile? ClientAuthorities)
{
    /// <summary>The largest file taken.</summary>
    public const int FileBytesMax = 1024 * 1024;

    /// <summary>Reads them all.</summary>
    /// <exception cref="TlsFileException">One cannot be read; it says which, and why.</exception>
    public static async Task<TlsFiles> ReadAsync(ListenerTlsSection section, CancellationToken cancellation) => new(
        await ReadAsync(section.CertificateFile!, cancellation).ConfigureAwait(false),
        await ReadAsync(section.KeyFile!, cancellation).ConfigureAwait(false),
        section.ClientAuthoritiesFile is { } file ? await ReadAsync(file, cancellation).ConfigureAwait(false) : null);

    private static async Task<TlsFile> ReadAsync(string name, CancellationToken cancellation)
    {
        var (bytes, problem) = await BoundedFile.TryReadAsync(name, FileBytesMax, cancellation).ConfigureAwait(false);
        return bytes is not null ? new TlsFile(name, Encoding.UTF8.GetString(bytes)) : throw new TlsFileException(new TlsFile(name, ""), problem);
    }
}
