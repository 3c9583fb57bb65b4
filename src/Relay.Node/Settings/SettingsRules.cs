using System.Net;

namespace Relay.Node.Settings;

/// <summary>What settings must hold beyond their types, and what this version cannot do yet.</summary>
internal static class SettingsRules
{
    private const string NotInForce = "is not in force in this version";

    /// <summary>A key that has no effect yet must stop the start: who sets it relies on it.</summary>
    public static void RefuseNotInForce(SectionReader reader, string key)
    {
        if (reader.Has(key))
        {
            reader.Refuse(key, $"{key} {NotInForce}");
        }
    }

    /// <summary>Names and addresses are each of one listener only; two devices may have one address.</summary>
    public static void RefuseTwins(IReadOnlyList<(SectionReader Section, ListenerSettings Listener)> listeners)
    {
        var sound = listeners.Where(bound => bound.Section.IsSound).ToList();
        foreach (var (index, (section, listener)) in sound.Index())
        {
            foreach (var (other, earlier) in sound.Take(index))
            {
                RefuseTwin(section, listener, other.Path, earlier);
            }
        }
    }

    /// <summary>A listener that lets nobody in, or believes everybody who says that he is somebody else.</summary>
    public static void RefuseNoOrAnyBalancer(SectionReader reader, string key, ProxyProtocolSection section)
    {
        if (!reader.IsSound)
        {
            return;
        }

        if (section.Trusted.Count == 0)
        {
            reader.Refuse(key, "needs at least one balancer's address, like 192.0.2.10 or 10.0.0.0/24");
        }

        foreach (var (index, range) in section.Trusted.Index())
        {
            if (range.PrefixLength == 0)
            {
                reader.Refuse(SettingPath.Join(key, index), $"{range} is everybody: name the balancers");
            }
        }
    }

    /// <summary>The other nodes cannot reach "any address".</summary>
    public static void RefuseUnreachable(SectionReader reader, IPEndPoint address)
    {
        if (address.Address.Equals(IPAddress.Any) || address.Address.Equals(IPAddress.IPv6Any))
        {
            reader.Refuse("Address", $"{address} names no machine: give the address at which the other nodes reach this one");
        }
    }

    /// <summary>What carries tokens or commands leaves the machine in plaintext only when somebody wrote that it may.</summary>
    public static void RefusePlaintext(SectionReader reader, IPEndPoint address, bool allowPlaintext)
    {
        if (!allowPlaintext && !IPAddress.IsLoopback(address.Address))
        {
            reader.Refuse("Address", $"{address} is not a loopback address: only with \"AllowPlaintext\": true in {reader.Path}");
        }
    }

    private static void RefuseTwin(SectionReader section, ListenerSettings listener, string otherPath, ListenerSettings other)
    {
        if (string.Equals(listener.Name, other.Name, StringComparison.OrdinalIgnoreCase))
        {
            section.Refuse(nameof(ListenerSettings.Name), $"\"{listener.Name}\" is the name of {otherPath} too");
        }

        var haveOwnDevices = listener.Device is not null && other.Device is not null && listener.Device != other.Device;
        if (listener.Address.Port != 0 && listener.Address.Equals(other.Address) && !haveOwnDevices)
        {
            section.Refuse(nameof(ListenerSettings.Address), $"{listener.Address} is the address of {otherPath} too");
        }
    }
}
