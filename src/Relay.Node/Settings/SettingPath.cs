using System.Globalization;

namespace Relay.Node.Settings;

/// <summary>Names of settings across sections: <c>Listeners:0:Address</c>.</summary>
internal static class SettingPath
{
    /// <summary>What stands between the parts.</summary>
    public const char Separator = ':';

    /// <summary>The name of a key inside a section.</summary>
    public static string Join(string section, string key)
    {
        var shown = ShownText.Clean(key);
        return section.Length == 0 ? shown : $"{section}{Separator}{shown}";
    }

    /// <summary>The name of an item of a list, counted from 0.</summary>
    public static string Join(string list, int index) => Join(list, index.ToString(CultureInfo.InvariantCulture));

    /// <summary>True when the part is the number of a list's item, counted from 0.</summary>
    public static bool IsIndex(string part, out int index) =>
        int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out index);
}
