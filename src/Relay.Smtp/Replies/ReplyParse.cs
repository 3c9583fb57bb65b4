namespace Relay.Smtp.Replies;

/// <summary>What <see cref="ReplyParser.Advance"/> found.</summary>
public enum ReplyParse
{
    /// <summary>All input is taken and the reply is not complete yet.</summary>
    NeedInput,

    /// <summary>One whole reply is held: see <see cref="ReplyParser.Code"/>; the input behind it is untouched.</summary>
    Complete,

    /// <summary>The bytes are no SMTP reply or exceed a limit: see <see cref="ReplyParser.Fault"/>. Nothing more can be read.</summary>
    Malformed,
}
