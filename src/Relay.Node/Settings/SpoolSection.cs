using Relay.Actors.Intake;
using Relay.Spool;

namespace Relay.Node.Settings;

/// <summary>The disk room for accepted mail.</summary>
public sealed record SpoolSection
{
    /// <summary>Smallest <see cref="QuotaBytes"/>: ten of the smallest segments, the fewest that the spool takes.</summary>
    public const long QuotaBytesMin = SpoolSettings.QuotaSegmentsMin * SpoolSettings.DerivedSegmentBytesMin;

    /// <summary>What the spool's files may take in all, in bytes; clamped at the start to what the disk has.</summary>
    public long QuotaBytes { get; init; } = 20L << 30;

    /// <summary>What one sender's mail may take of it, in bytes; null for the default of <see cref="IntakeLimits.For"/>.</summary>
    public long? SenderShareBytes { get; init; }
}
