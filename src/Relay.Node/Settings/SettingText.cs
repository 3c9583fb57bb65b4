using Relay.Policy.Values;

namespace Relay.Node.Settings;

/// <summary>Values of settings as the settings file would have them.</summary>
internal static class SettingText
{
    /// <summary>A time: <c>30s</c>.</summary>
    public static string Of(TimeSpan time) => new Duration(time).ToString();

    /// <summary>A size, in octets: <c>20 GiB</c>.</summary>
    public static string Of(long size) => new ByteSize(size).ToString();
}
