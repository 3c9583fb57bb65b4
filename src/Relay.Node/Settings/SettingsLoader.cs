using Relay.Smtp.Addresses;

namespace Relay.Node.Settings;

/// <summary>Reads the settings of a node, strictly: what it does not know or cannot do stops the start.</summary>
public static class SettingsLoader
{
    /// <summary>Reads, merges and checks all sources.</summary>
    /// <exception cref="SettingsException">Something is wrong; it lists everything that is.</exception>
    public static async Task<NodeSettings> LoadAsync(SettingsSources sources, CancellationToken cancellationToken)
    {
        var errors = new List<SettingsError>();
        var named = sources.ConfigFile ?? SettingsSources.DefaultFileName;
        var path = Path.GetFullPath(named, sources.WorkingDirectory);
        var root = sources.ConfigFile is null && !File.Exists(path)
            ? SettingNode.Section(new SettingOrigin("defaults"))
            : await ReadFileAsync(named, path, errors, cancellationToken);

        var overlay = new SettingsOverlay(root, errors);
        overlay.ApplyVariables(sources.Variables);
        overlay.ApplyArguments(sources.Overrides);
        var (settings, hasHostName) = SettingsBinder.Bind(root, Path.GetDirectoryName(path) ?? sources.WorkingDirectory, errors);
        if (errors.Count > 0)
        {
            throw new SettingsException([.. errors.OrderBy(error => Rank(error, named)).ThenBy(error => error.Line ?? 0)]);
        }

        settings = settings with { SettingsDirectory = Path.GetDirectoryName(path) ?? sources.WorkingDirectory };
        if (hasHostName)
        {
            return settings;
        }

        var hostName = await FindHostNameAsync(sources, cancellationToken);
        return settings with { Node = settings.Node with { HostName = hostName } };
    }

    private static async Task<SettingNode> ReadFileAsync(
        string named, string path, List<SettingsError> errors, CancellationToken cancellationToken)
    {
        var source = ShownText.Clean(named);
        var (bytes, problem) = await BoundedFile.TryReadAsync(path, SettingsFileReader.FileBytesMax, cancellationToken);
        if (bytes is not null)
        {
            return SettingsFileReader.Read(source, bytes, errors);
        }

        errors.Add(new SettingsError(source, null, "", problem));
        return SettingNode.Section(new SettingOrigin(source));
    }

    private static async Task<string> FindHostNameAsync(SettingsSources sources, CancellationToken cancellationToken) =>
        await sources.FindHostName(cancellationToken) is { } found && MailDomain.TryParse(found, out var domain)
            ? domain.Name
            : NodeSection.FallbackHostName;

    private static int Rank(SettingsError error, string file) => error.Source switch
    {
        SettingsError.CommandLineSource => 2,
        _ => error.Source == ShownText.Clean(file) ? 0 : 1,
    };
}
