namespace Relay.Node.Inquiries;

/// <summary>The names under which metrics count questions that had no answer.</summary>
internal static class InquiryQuestions
{
    /// <summary>A client's host name.</summary>
    public const string ClientName = "clientName";

    /// <summary>A sender's domain.</summary>
    public const string SenderDomain = "senderDomain";

    /// <summary>All of them.</summary>
    public static readonly IReadOnlyList<string> All = [ClientName, SenderDomain];
}
