namespace Relay.Smtp.Replies;

/// <summary>One SMTP reply, sent by us or received: a code, an enhanced status and one or more lines of text (RFC 5321 section 4.2).</summary>
/// <remarks>The text has neither code nor line ends. Text that we send is ASCII without control characters.</remarks>
public sealed record SmtpReply
{
    /// <summary>Makes a reply of one line.</summary>
    /// <param name="code">200 to 599.</param>
    /// <param name="status">The enhanced status, or <see cref="EnhancedStatus.None"/>.</param>
    /// <param name="text">The human-readable text, without code or line end.</param>
    public SmtpReply(int code, EnhancedStatus status, string text)
        : this(code, status, [text])
    {
    }

    /// <summary>Makes a reply of several lines.</summary>
    /// <param name="code">200 to 599.</param>
    /// <param name="status">The enhanced status, or <see cref="EnhancedStatus.None"/>.</param>
    /// <param name="lines">At least one line, each without code or line end.</param>
    public SmtpReply(int code, EnhancedStatus status, IReadOnlyList<string> lines)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(code, 200);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(code, 599);
        ArgumentNullException.ThrowIfNull(lines);
        ArgumentOutOfRangeException.ThrowIfZero(lines.Count);
        Code = code;
        Status = status;
        Lines = lines;
    }

    /// <summary>The three-digit code, 200 to 599.</summary>
    public int Code { get; }

    /// <summary>The enhanced status code (RFC 2034), or none.</summary>
    public EnhancedStatus Status { get; }

    /// <summary>The lines of text, at least one.</summary>
    public IReadOnlyList<string> Lines { get; }

    /// <summary>True of a reply that a peer has said; false of words of our own, such as that it said nothing.</summary>
    public bool IsHeard { get; init; }

    /// <summary>2xx.</summary>
    public bool IsPositive => Code is >= 200 and < 300;

    /// <summary>4xx: the same request may succeed later.</summary>
    public bool IsTemporary => Code is >= 400 and < 500;

    /// <summary>5xx: the same request will not succeed.</summary>
    public bool IsPermanent => Code >= 500;

    /// <summary>The reply on one line as logs show it: <c>550 5.7.1 Relaying denied</c>.</summary>
    public override string ToString()
    {
        var text = string.Join(' ', Lines);
        return Status.IsNone ? $"{Code} {text}" : $"{Code} {Status} {text}";
    }
}
