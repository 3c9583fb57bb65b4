using Relay.Actors.Metrics;
using Relay.Node.CommandLine;
using Relay.Node.Settings;

namespace Relay.Node.Encryption;

/// <summary>Reads the certificate that a node starts with, and puts the server side of TLS together.</summary>
internal sealed class TlsLoader
{
    private readonly ListenerTlsSection _section;
    private readonly TlsFiles _files;
    private readonly TlsMaterial _material;

    private TlsLoader(ListenerTlsSection section, TlsFiles files, TlsMaterial material)
    {
        _section = section;
        _files = files;
        _material = material;
    }

    /// <summary>Reads what the settings' <c>Tls</c> names; null when they have no such section.</summary>
    /// <remarks>A certificate that is expired is used, with a warning: mail that most clients would still send is not to stop.</remarks>
    /// <exception cref="CommandException">A file cannot be read, or does not hold what it must.</exception>
    public static async Task<TlsLoader?> LoadAsync(NodeSettings settings, CancellationToken cancellation)
    {
        if (settings.Tls is not { } section)
        {
            return null;
        }

        try
        {
            var files = await TlsFiles.ReadAsync(section, cancellation).ConfigureAwait(false);
            return new TlsLoader(section, files, TlsMaterial.Of(files));
        }
        catch (TlsFileException e)
        {
            throw new CommandException(e.Message);
        }
    }

    /// <summary>Registers what connections need of TLS.</summary>
    public void AddTo(IServiceCollection services) => services
        .AddSingleton<TlsLog>()
        .AddSingleton(new HandshakeSlots(TlsServer.HandshakesMax, TlsServer.HandshakesPerNetworkMax))
        .AddSingleton<HandshakeFailures>()
        .AddSingleton(provider => new CertificateWatch(
            _section, _files, _material, provider.GetRequiredService<TlsLog>(), provider.GetRequiredService<TimeProvider>()))
        .AddSingleton(static provider =>
        {
            var watch = provider.GetRequiredService<CertificateWatch>();
            return new TlsMetrics(provider.GetRequiredService<MeterScope>(), () => watch.Current.NotAfter);
        })
        .AddSingleton<TlsServer>();
}
