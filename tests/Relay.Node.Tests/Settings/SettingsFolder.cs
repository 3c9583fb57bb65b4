using Relay.Node.Settings;

namespace Relay.Node.Tests.Settings;

/// <summary>A folder of its own with a settings file, loaded as <c>relay run</c> in that folder would.</summary>
internal sealed class SettingsFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("relay-settings-").FullName;

    public void Write(string json, string file = "relay.json") => File.WriteAllText(System.IO.Path.Combine(Path, file), json);

    public Task<NodeSettings> LoadAsync(string? config = null, string[]? overrides = null, string[]? variables = null) =>
        SettingsLoader.LoadAsync(
            new SettingsSources
            {
                ConfigFile = config,
                WorkingDirectory = Path,
                Overrides = [.. (overrides ?? []).Select(Split)],
                Variables = (variables ?? []).Select(Split).ToDictionary(),
                FindHostName = _ => Task.FromResult<string?>("mx.test.example"),
            },
            CancellationToken.None);

    /// <summary>The errors of settings that must not load, as a user sees them.</summary>
    public async Task<string[]> FailAsync(string? config = null, string[]? overrides = null, string[]? variables = null)
    {
        var refused = await Assert.ThrowsAsync<SettingsException>(() => LoadAsync(config, overrides, variables));
        return [.. refused.Errors.Select(error => error.ToString())];
    }

    /// <summary>The one error of a settings file that must not load.</summary>
    public async Task<string> FailOnceAsync(string json)
    {
        Write(json);
        return Assert.Single(await FailAsync());
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);

    private static KeyValuePair<string, string> Split(string assignment)
    {
        var at = assignment.IndexOf('=', StringComparison.Ordinal);
        return KeyValuePair.Create(assignment[..at], assignment[(at + 1)..]);
    }
}
