namespace Relay.Actors.Bounces;

/// <summary>How large the pieces of a report may become.</summary>
public static class DsnLimits
{
    /// <summary>A message is returned whole up to this many octets; of a larger one, its header.</summary>
    public const int FullOctetsMax = 50_000;

    /// <summary>Of a returned header, in octets; it is cut behind the last line that fits.</summary>
    public const int HeaderOctetsMax = 64 * 1024;

    /// <summary>What of the original's content has to be read to make a report, in octets.</summary>
    public const int ReadOctets = HeaderOctetsMax;

    /// <summary>Recipients of one report.</summary>
    public const int RecipientsMax = 1000;

    /// <summary>Recipients that the part for humans explains; the rest it counts.</summary>
    public const int ExplainedMax = 50;

    /// <summary>Of what a server said, in characters.</summary>
    public const int DiagnosticMax = 1000;

    /// <summary>One value of the part for machines, in octets; an original recipient that is longer is left out.</summary>
    public const int ValueOctetsMax = 900;

    /// <summary>A message's Message-ID that is referred to, in octets; a longer one is not.</summary>
    public const int MessageIdMax = 250;
}
