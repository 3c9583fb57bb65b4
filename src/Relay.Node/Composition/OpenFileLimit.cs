namespace Relay.Node.Composition;

/// <summary>How many files this process may have open.</summary>
/// <param name="Max">Null when there is no limit, or none that is known: only Linux says it.</param>
internal sealed record OpenFileLimit(long? Max)
{
    private const string Source = "/proc/self/limits";

    /// <summary>The limit in force.</summary>
    public static OpenFileLimit OfProcess() =>
        new(File.Exists(Source) ? DescriptorBudget.ParseLimit(File.ReadAllText(Source)) : null);
}
