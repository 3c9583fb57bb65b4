namespace Relay.Node.Settings;

/// <summary>The node cannot start with these settings; holds every reason, not only the first.</summary>
public sealed class SettingsException : Exception
{
    /// <summary>Makes one out of at least one error.</summary>
    public SettingsException(IReadOnlyList<SettingsError> errors)
        : base(string.Join('\n', errors))
    {
        Errors = errors;
    }

    /// <summary>What is wrong, in the order of the sources: file, environment, command line.</summary>
    public IReadOnlyList<SettingsError> Errors { get; }
}
