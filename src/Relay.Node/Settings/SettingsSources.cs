namespace Relay.Node.Settings;

/// <summary>Where settings come from. A later one wins: the file, the environment, the command line.</summary>
public sealed record SettingsSources
{
    /// <summary>The file used when none is named and it is there.</summary>
    public const string DefaultFileName = "relay.json";

    /// <summary>How every environment variable that is a setting begins; the rest of it contains <c>__</c>.</summary>
    public const string EnvironmentPrefix = "RELAY_";

    /// <summary>The settings file as the user named it; null for <see cref="DefaultFileName"/> if it exists, else the defaults.</summary>
    public string? ConfigFile { get; init; }

    /// <summary>The folder that relative file names of the command line, and paths without a settings file, refer to.</summary>
    public string WorkingDirectory { get; init; } = Environment.CurrentDirectory;

    /// <summary>All environment variables; those that are no settings are passed over.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>();

    /// <summary>Keys and values of <c>--Section:Key=value</c> in their order; of two for a key the later wins.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Overrides { get; init; } = [];

    /// <summary>Finds the machine's full name; asked only when no <c>Node:HostName</c> is set. Null when it has none.</summary>
    public Func<CancellationToken, Task<string?>> FindHostName { get; init; } = MachineNames.FindFullNameAsync;
}
