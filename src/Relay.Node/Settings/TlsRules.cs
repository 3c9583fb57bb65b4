namespace Relay.Node.Settings;

/// <summary>What listeners with TLS, or with what needs it, must have.</summary>
internal static class TlsRules
{
    /// <summary>The files of a certificate: one of them alone is of no use.</summary>
    public static void RefuseHalves(SectionReader reader, TlsSection section)
    {
        if (!reader.IsSound)
        {
            return;
        }

        if (section.CertificateFile is null)
        {
            reader.Refuse("", $"needs {SettingPath.Join(reader.Path, nameof(TlsSection.CertificateFile))}");
        }

        if (section.KeyFile is null)
        {
            reader.Refuse("", $"needs {SettingPath.Join(reader.Path, nameof(TlsSection.KeyFile))}");
        }
    }

    /// <summary>A listener that encrypts has a certificate, and nobody is asked for a password in plaintext.</summary>
    public static void RefuseUnprotected(IReadOnlyList<(SectionReader Section, ListenerSettings Listener)> listeners, TlsSection? tls)
    {
        foreach (var (section, listener) in listeners.Where(static bound => bound.Section.IsSound))
        {
            if (listener.Tls != TlsMode.None && tls is null)
            {
                section.Refuse(
                    nameof(ListenerSettings.Tls),
                    $"{listener.Tls} needs a certificate: set {nameof(NodeSettings.Tls)}:{nameof(TlsSection.CertificateFile)} and {nameof(NodeSettings.Tls)}:{nameof(TlsSection.KeyFile)}");
            }

            if (listener.Tls == TlsMode.None && listener.Authentication != AuthenticationMode.None)
            {
                section.Refuse(
                    nameof(ListenerSettings.Authentication),
                    $"{listener.Authentication} needs {nameof(ListenerSettings.Tls)} Offered, Required or Implicit: passwords do not travel in plaintext");
            }
        }
    }
}
