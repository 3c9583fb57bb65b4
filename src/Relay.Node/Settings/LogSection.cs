namespace Relay.Node.Settings;

/// <summary>Where the log goes, and how much of it is kept.</summary>
public sealed record LogSection
{
    /// <summary>Smallest <see cref="QuotaBytes"/>.</summary>
    public const long QuotaBytesMin = 32L << 20;

    /// <summary>The folder of <c>mail.log</c> and <c>node.log</c>; null for standard output, of which nothing is kept here.</summary>
    public string? Directory { get; init; }

    /// <summary>What the files there may take in all, in bytes.</summary>
    public long QuotaBytes { get; init; } = 1L << 30;
}
