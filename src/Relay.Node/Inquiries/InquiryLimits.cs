using Relay.Node.Places;

namespace Relay.Node.Inquiries;

/// <summary>Bounds of what is asked about clients and senders: whoever asks for much waits for little, and holds up nobody else.</summary>
internal sealed record InquiryLimits
{
    /// <summary>Between two looks whether this node's own addresses are listed.</summary>
    public static readonly TimeSpan OwnInterval = TimeSpan.FromHours(1);

    /// <summary>Questions to name servers about clients' names at once. Default 32: two for each look-up. Each is an open file.</summary>
    public const int NameQuestionsMax = NameLookupsMax * 2;

    /// <summary>Questions to DNS lists about clients at once. Default 32.</summary>
    public const int ListQuestionsMax = ListLookupsMax;

    /// <summary>Questions of the tests of DNS lists at once. Default 16: apart, so that no client keeps a list from being tested.</summary>
    public const int TestQuestionsMax = 16;

    /// <summary>Questions about senders' domains at once. Default 32.</summary>
    public const int SenderQuestionsMax = SenderLookupsMax;

    /// <summary>Look-ups of clients' names at once. Default 16; more wait, within their time.</summary>
    public const int NameLookupsMax = 16;

    /// <summary>Look-ups in DNS lists at once. Default 32; more wait, within their time.</summary>
    public const int ListLookupsMax = 32;

    /// <summary>Look-ups of senders' domains at once. Default 32; more wait, within their time.</summary>
    public const int SenderLookupsMax = 32;

    /// <summary>Look-ups of each kind that wait. Default 1,000; over it the network that has the most of them loses its last one.</summary>
    public int WaitingMax { get; init; } = 1_000;

    /// <summary>Look-ups of clients' names at once for one network (a /24 or a /48). Default 4: their name servers are the clients' own.</summary>
    public int NamesPerNetworkMax { get; init; } = 4;

    /// <summary>Look-ups in DNS lists at once for one network. Default 8.</summary>
    public int ListsPerNetworkMax { get; init; } = 8;

    /// <summary>Look-ups at once in one DNS list. Default 24: a slow one leaves places to the others.</summary>
    public int LookupsPerListMax { get; init; } = 24;

    /// <summary>Look-ups of senders' domains at once for one network. Default 8: the domains are the client's choice.</summary>
    public int SendersPerNetworkMax { get; init; } = 8;

    /// <summary>Look-ups at once of senders' domains that end in the same two labels. Default 8.</summary>
    public int SendersPerZoneMax { get; init; } = 8;

    /// <summary>A look-up that runs longer than this gives its place to one of a network that has fewer, when there is no other. Default 0.5 seconds.</summary>
    public TimeSpan YieldTime { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>A name or a domain about which there was no answer is not asked about again for this. Default 30 seconds.</summary>
    public TimeSpan TroubleTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Names, and as many domains, for which that is remembered. Default 10,000.</summary>
    public int TroublesMax { get; init; } = 10_000;

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

    /// <summary>A list that lists a client is tested first when its last test is older than this. Default 10 seconds.</summary>
    public TimeSpan HitTestTime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Questions to a list without an answer, one after the other, after which it is tested at once. Default 10.</summary>
    public int SilencesMax { get; init; } = 10;

    /// <summary>One name server is waited for this long, and then asked again, <see cref="RepetitionsMax"/> times at the most. Default 1.5 seconds.</summary>
    public TimeSpan ServerTime { get; init; } = TimeSpan.FromMilliseconds(1_500);

    /// <summary>Times that a name server is asked again. Default 2.</summary>
    public int RepetitionsMax { get; init; } = 2;

    /// <summary>The places of look-ups of clients' names.</summary>
    internal PlaceLimits NamePlaces => new(NameLookupsMax, NamesPerNetworkMax, NameLookupsMax, WaitingMax, YieldTime);

    /// <summary>The places of look-ups in DNS lists.</summary>
    internal PlaceLimits ListPlaces => new(ListLookupsMax, ListsPerNetworkMax, LookupsPerListMax, WaitingMax, YieldTime);

    /// <summary>The places of look-ups of senders' domains.</summary>
    internal PlaceLimits SenderPlaces => new(SenderLookupsMax, SendersPerNetworkMax, SendersPerZoneMax, WaitingMax, YieldTime);
}
