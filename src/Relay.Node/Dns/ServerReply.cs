using ARSoft.Tools.Net.Dns;

namespace Relay.Node.Dns;

/// <summary>What came of asking one name server.</summary>
/// <param name="Message">Its answer: records, or that there are none; null when there is no answer to go by.</param>
/// <param name="Cause">Why there is none, for people.</param>
/// <param name="MayAnswerLater">True when asking it once more may help: it has said nothing.</param>
internal readonly record struct ServerReply(DnsMessage? Message, string? Cause, bool MayAnswerLater)
{
    /// <summary>How people are told of silence.</summary>
    public const string Silence = "no answer in time";

    /// <summary>Nothing came in time.</summary>
    public static readonly ServerReply None = new(null, Silence, true);

    /// <summary>An answer to go by.</summary>
    public static ServerReply Of(DnsMessage message) => new(message, null, false);

    /// <summary>The server could not be asked this time.</summary>
    public static ServerReply Unreachable(string cause) => new(null, cause, true);

    /// <summary>The server has spoken, and what it says is of no use.</summary>
    public static ServerReply Useless(string cause) => new(null, cause, false);
}
