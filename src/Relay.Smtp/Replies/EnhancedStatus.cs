using System.Globalization;

namespace Relay.Smtp.Replies;

/// <summary>An enhanced status code <c>class.subject.detail</c> (RFC 3463), or none.</summary>
/// <param name="Class">2 success, 4 temporary, 5 permanent; 0 when the reply carries no enhanced code.</param>
/// <param name="Subject">0 to 999.</param>
/// <param name="Detail">0 to 999.</param>
public readonly record struct EnhancedStatus(short Class, short Subject, short Detail)
{
    /// <summary>No enhanced code: greetings, EHLO lines and 3xx replies (RFC 2034 section 3).</summary>
    public static readonly EnhancedStatus None;

    /// <summary>True when there is no enhanced code.</summary>
    public bool IsNone => Class == 0;

    /// <summary>The text form <c>5.7.1</c>, or an empty string for <see cref="None"/>.</summary>
    public override string ToString() =>
        IsNone ? string.Empty : string.Create(CultureInfo.InvariantCulture, $"{Class}.{Subject}.{Detail}");
}
