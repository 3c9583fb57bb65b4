using System.Net;
using Relay.Policy.Values;

namespace Relay.Node.Settings;

/// <summary>Turns merged values into <see cref="NodeSettings"/>: every key is taken here, and here only.</summary>
internal sealed class SettingsBinder
{
    private static readonly NodeSettings Defaults = new();

    private readonly string _baseDirectory;

    private SettingsBinder(string baseDirectory) => _baseDirectory = baseDirectory;

    /// <summary>The settings, and whether one of the sources sets the host name.</summary>
    /// <param name="root">The merged values.</param>
    /// <param name="baseDirectory">What relative paths are relative to.</param>
    /// <param name="errors">Takes what is wrong.</param>
    public static (NodeSettings Settings, bool HasHostName) Bind(SettingNode root, string baseDirectory, List<SettingsError> errors)
    {
        var reader = new SectionReader(root, "", errors);
        var settings = new SettingsBinder(baseDirectory).BindRoot(reader, out var hasHostName);
        reader.RefuseUnknownKeys();
        return (settings, hasHostName);
    }

    private NodeSettings BindRoot(SectionReader reader, out bool hasHostName)
    {
        var node = reader.Section(nameof(NodeSettings.Node));
        hasHostName = node.Has(nameof(NodeSection.HostName));
        var listeners = BindListeners(reader);
        var tls = BindTls(reader);
        var admin = BindAdmin(reader.Section(nameof(NodeSettings.Admin)));
        var cluster = BindCluster(reader.Section(nameof(NodeSettings.Cluster)));
        ClusterRules.RefuseListeners(reader, cluster, listeners.Count);
        TlsRules.RefuseUnprotected(listeners, tls);
        return new NodeSettings
        {
            Node = BindNode(node),
            Listeners = listeners.Count == 0 && !cluster.IsWitness ? Defaults.Listeners : [.. listeners.Select(static bound => bound.Listener)],
            Tls = tls,
            Admin = admin,
            Cluster = cluster,
            Spool = BindSpool(reader.Section(nameof(NodeSettings.Spool))),
            Dns = BindDns(reader.Section(nameof(NodeSettings.Dns))),
            Log = BindLog(reader.Section(nameof(NodeSettings.Log))),
            PolicyFile = BindPath(reader, nameof(NodeSettings.PolicyFile), Defaults.PolicyFile),
        };
    }

    private NodeSection BindNode(SectionReader reader)
    {
        var defaults = Defaults.Node;
        var section = new NodeSection
        {
            Name = reader.Value(nameof(NodeSection.Name), defaults.Name, SettingValues.Name),
            HostName = reader.Value(nameof(NodeSection.HostName), defaults.HostName, SettingValues.HostName),
            PublicAddresses = reader.Values<IPAddress>(nameof(NodeSection.PublicAddresses), defaults.PublicAddresses, SettingValues.Address),
            DataDirectory = Path.GetFullPath(
                reader.Value(nameof(NodeSection.DataDirectory), defaults.DataDirectory, SettingValues.Path), _baseDirectory),
            DrainNotice = reader.Value<TimeSpan?>(nameof(NodeSection.DrainNotice), defaults.DrainNotice, SettingValues.OptionalTime),
            DrainTime = reader.Value(nameof(NodeSection.DrainTime), defaults.DrainTime, SettingValues.Time),
        };
        if (section.DrainNotice > NodeSection.DrainNoticeMax)
        {
            reader.Refuse(nameof(NodeSection.DrainNotice), $"must be at most {SettingText.Of(NodeSection.DrainNoticeMax)}");
        }

        if (section.DrainTime > NodeSection.DrainTimeMax)
        {
            reader.Refuse(nameof(NodeSection.DrainTime), $"must be at most {SettingText.Of(NodeSection.DrainTimeMax)}");
        }

        reader.RefuseUnknownKeys();
        return section;
    }

    // Empty: none are set.
    private static List<(SectionReader Section, ListenerSettings Listener)> BindListeners(SectionReader root)
    {
        const string key = nameof(NodeSettings.Listeners);
        if (root.Sections(key) is not { } sections)
        {
            return [];
        }

        if (sections.Count == 0)
        {
            root.Refuse(key, "needs at least one listener");
        }

        var listeners = sections.Select(section => (Section: section, Listener: BindListener(section))).ToList();
        SettingsRules.RefuseTwins(listeners);
        return listeners;
    }

    private static ListenerSettings BindListener(SectionReader reader)
    {
        var defaults = Defaults.Listeners[0];
        var listener = new ListenerSettings
        {
            Name = reader.Value(nameof(ListenerSettings.Name), defaults.Name, SettingValues.Name),
            Address = reader.Value(nameof(ListenerSettings.Address), defaults.Address, SettingValues.ListenEndPoint),
            Tls = reader.Value(nameof(ListenerSettings.Tls), defaults.Tls, SettingValues.OneOf<TlsMode>),
            Authentication = reader.Value(
                nameof(ListenerSettings.Authentication), defaults.Authentication, SettingValues.OneOf<AuthenticationMode>),
            ProxyProtocol = BindProxyProtocol(reader.OptionalSection(nameof(ListenerSettings.ProxyProtocol))),
            Device = reader.Value(nameof(ListenerSettings.Device), defaults.Device, SettingValues.Device),
            AddressPlace = reader.Locate(nameof(ListenerSettings.Address)),
            AuthenticationPlace = reader.Locate(nameof(ListenerSettings.Authentication)),
            DevicePlace = reader.Locate(nameof(ListenerSettings.Device)),
        };
        reader.RefuseUnknownKeys();
        return listener;
    }

    private static ProxyProtocolSection? BindProxyProtocol(SectionReader? reader)
    {
        if (reader is null)
        {
            return null;
        }

        const string key = nameof(ProxyProtocolSection.Trusted);
        var section = new ProxyProtocolSection { Trusted = reader.Values<NetworkRange>(key, [], SettingValues.Network) };
        SettingsRules.RefuseNoOrAnyBalancer(reader, key, section);
        reader.RefuseUnknownKeys();
        return section;
    }

    private ListenerTlsSection? BindTls(SectionReader root)
    {
        if (root.OptionalSection(nameof(NodeSettings.Tls)) is not { } reader)
        {
            return null;
        }

        var section = new ListenerTlsSection
        {
            CertificateFile = BindPath(reader, nameof(ListenerTlsSection.CertificateFile), null),
            KeyFile = BindPath(reader, nameof(ListenerTlsSection.KeyFile), null),
            ClientAuthoritiesFile = BindPath(reader, nameof(ListenerTlsSection.ClientAuthoritiesFile), null),
        };
        TlsRules.RefuseHalves(reader, section);
        reader.RefuseUnknownKeys();
        return section;
    }

    private ClusterTlsSection? BindClusterTls(SectionReader parent)
    {
        if (parent.OptionalSection(nameof(ClusterSection.Tls)) is not { } reader)
        {
            return null;
        }

        var section = new ClusterTlsSection
        {
            CertificateFile = BindPath(reader, nameof(ClusterTlsSection.CertificateFile), null),
            KeyFile = BindPath(reader, nameof(ClusterTlsSection.KeyFile), null),
            AuthoritiesFile = BindPath(reader, nameof(ClusterTlsSection.AuthoritiesFile), null),
        };
        TlsRules.RefuseHalves(reader, section);
        if (reader.IsSound && section.AuthoritiesFile is null)
        {
            reader.Refuse("", $"needs {SettingPath.Join(reader.Path, nameof(ClusterTlsSection.AuthoritiesFile))}");
        }

        reader.RefuseUnknownKeys();
        return section;
    }

    // Of the API.
    private TlsSection? BindInnerTls(SectionReader parent)
    {
        const string key = nameof(NodeSettings.Tls);
        if (parent.OptionalSection(key) is not { } reader)
        {
            return null;
        }

        SettingsRules.RefuseNotInForce(parent, key);
        var section = new TlsSection
        {
            CertificateFile = BindPath(reader, nameof(TlsSection.CertificateFile), null),
            KeyFile = BindPath(reader, nameof(TlsSection.KeyFile), null),
        };
        reader.RefuseUnknownKeys();
        return section;
    }

    private AdminSection BindAdmin(SectionReader reader)
    {
        var defaults = Defaults.Admin;
        var section = new AdminSection
        {
            Address = reader.Value(nameof(AdminSection.Address), defaults.Address, SettingValues.ListenEndPoint),
            AllowPlaintext = reader.Value(nameof(AdminSection.AllowPlaintext), defaults.AllowPlaintext, SettingValues.Flag),
            Tls = BindInnerTls(reader),
            AddressPlace = reader.Locate(nameof(AdminSection.Address)),
        };
        SettingsRules.RefusePlaintext(reader, section.Address, section.AllowPlaintext);
        reader.RefuseUnknownKeys();
        return section;
    }

    private ClusterSection BindCluster(SectionReader reader)
    {
        var defaults = Defaults.Cluster;
        var section = new ClusterSection
        {
            Address = reader.Value(nameof(ClusterSection.Address), defaults.Address, SettingValues.ListenEndPoint),
            Seeds = reader.Values<IPEndPoint>(nameof(ClusterSection.Seeds), defaults.Seeds, SettingValues.PeerEndPoint),
            Roles = reader.Values<string>(nameof(ClusterSection.Roles), defaults.Roles, SettingValues.Name),
            AllowPlaintext = reader.Value(nameof(ClusterSection.AllowPlaintext), defaults.AllowPlaintext, SettingValues.Flag),
            Tls = BindClusterTls(reader),
        };
        ClusterRules.RefuseSeeds(reader, section);
        ClusterRules.RefuseRoles(reader, section);
        SettingsRules.RefuseUnreachable(reader, section.Address);
        SettingsRules.RefusePlaintext(reader, section.Address, section.AllowPlaintext || section.Tls is not null);
        reader.RefuseUnknownKeys();
        return section;
    }

    private static SpoolSection BindSpool(SectionReader reader)
    {
        const string key = nameof(SpoolSection.QuotaBytes);
        var section = new SpoolSection
        {
            QuotaBytes = reader.Value(key, Defaults.Spool.QuotaBytes, SettingValues.Size),
            SenderShareBytes = reader.Value<long?>(nameof(SpoolSection.SenderShareBytes), Defaults.Spool.SenderShareBytes, SettingValues.OptionalSize),
        };
        if (section.QuotaBytes < SpoolSection.QuotaBytesMin)
        {
            reader.Refuse(key, $"must be at least {SettingText.Of(SpoolSection.QuotaBytesMin)}");
        }

        if (section.SenderShareBytes > section.QuotaBytes)
        {
            reader.Refuse(nameof(SpoolSection.SenderShareBytes), $"must be at most {key}, {SettingText.Of(section.QuotaBytes)}");
        }

        reader.RefuseUnknownKeys();
        return section;
    }

    private static DnsSection BindDns(SectionReader reader)
    {
        var section = new DnsSection
        {
            Servers = reader.Values<IPEndPoint>(nameof(DnsSection.Servers), Defaults.Dns.Servers, SettingValues.PeerEndPoint),
        };
        reader.RefuseUnknownKeys();
        return section;
    }

    private LogSection BindLog(SectionReader reader)
    {
        const string key = nameof(LogSection.QuotaBytes);
        var section = new LogSection
        {
            Directory = BindPath(reader, nameof(LogSection.Directory), Defaults.Log.Directory),
            QuotaBytes = reader.Value(key, Defaults.Log.QuotaBytes, SettingValues.Size),
        };
        if (section.QuotaBytes < LogSection.QuotaBytesMin)
        {
            reader.Refuse(key, $"must be at least {SettingText.Of(LogSection.QuotaBytesMin)}");
        }

        reader.RefuseUnknownKeys();
        return section;
    }

    private string? BindPath(SectionReader reader, string key, string? fallback) =>
        reader.Value(key, fallback, SettingValues.Path) is { } path ? Path.GetFullPath(path, _baseDirectory) : null;
}
