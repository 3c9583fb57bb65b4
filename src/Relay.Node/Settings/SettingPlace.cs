namespace Relay.Node.Settings;

/// <summary>Where a key is set, for what turns out to be wrong with its value only when the node starts.</summary>
/// <param name="Source">The file as it was named, the environment variable, <see cref="SettingsError.CommandLineSource"/>, or
/// <see cref="Defaults"/>.</param>
/// <param name="Line">The line in the file, from 1; null where there is none.</param>
/// <param name="Key">The key, such as <c>Listeners:0:Address</c>.</param>
internal sealed record SettingPlace(string Source, int? Line, string Key)
{
    /// <summary>The <see cref="Source"/> of what nobody set.</summary>
    public const string Defaults = "by default";

    /// <summary>The refusal of what stands there.</summary>
    public SettingsException Refuse(string message) => new([new SettingsError(Source, Line, Key, message)]);
}
