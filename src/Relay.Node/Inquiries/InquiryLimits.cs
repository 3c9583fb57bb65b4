namespace Relay.Node.Inquiries;

/// <summary>Bounds of what is asked about clients and senders: whoever asks for much waits for little, and holds up nobody else.</summary>
internal sealed record InquiryLimits
{
    /// <summary>Look-ups at once on a node. Default 1,000; over it a list says nothing, and everything else is trouble.</summary>
    public int LookupsMax { get; init; } = 1_000;

    /// <summary>Questions to name servers about clients at once; more wait, within their time. Default 64. Each is an open file.</summary>
    public const int ClientQuestionsMax = 64;

    /// <summary>The same about senders' domains. Default 32; apart, so that domains which are slow on purpose do not hold up lists.</summary>
    public const int SenderQuestionsMax = 32;

    /// <summary>Look-ups of senders' domains at once for one client network (a /24 or a /48). Default 8: the domains are the client's choice.</summary>
    public int SendersPerNetworkMax { get; init; } = 8;

    /// <summary>Names of one client that are followed back to its address, in alphabetical order. Default 4.</summary>
    public int NamesMax { get; init; } = 4;

    /// <summary>For a list to answer. Default 2 seconds.</summary>
    public TimeSpan ListTime { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>To find a client's name and follow it back. Default 5 seconds.</summary>
    public TimeSpan NameTime { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>To find out about a sender's domain. Default 5 seconds.</summary>
    public TimeSpan SenderTime { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A client on a list whose action is to make it wait waits this long before each mail. Default 5 seconds.</summary>
    public TimeSpan TarpitTime { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Between two tests of a list. Default 1 minute.</summary>
    public TimeSpan TestInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Questions to a list without an answer, one after the other, after which it is tested at once. Default 10.</summary>
    public int SilencesMax { get; init; } = 10;

    /// <summary>One name server is waited for this long, and then asked again, <see cref="RepetitionsMax"/> times at the most. Default 1.5 seconds.</summary>
    public TimeSpan ServerTime { get; init; } = TimeSpan.FromMilliseconds(1_500);

    /// <summary>Times that a name server is asked again. Default 2.</summary>
    public int RepetitionsMax { get; init; } = 2;
}
