using Relay.Policy.Values;

namespace Relay.Node.Recipients;

/// <summary>The bounds of questions to next hops, and how long their answers hold.</summary>
internal sealed record CalloutLimits
{
    /// <summary>For one answer, from the look-up of the next hop on; the client waits for it. Default 10 seconds.</summary>
    public TimeSpan AnswerTime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>To open a connection: an address that does not answer must leave time for the next. Default 4 seconds.</summary>
    public TimeSpan ConnectTime { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>Questions of a node that are waited for at once. Default 1,000.</summary>
    public int QuestionsMax { get; init; } = 1_000;

    /// <summary>Connections of a node for questions. Default 50; they are among those of <c>OutboundSlots</c>.</summary>
    public int ConnectionsMax { get; init; } = 50;

    /// <summary>Connections of a node for the questions of one network (a /24 or a /48). Default 25.</summary>
    public int ConnectionsPerNetworkMax { get; init; } = 25;

    /// <summary>Connections to one next hop; more questions wait, and those of the network that has the fewest are next. Default 5.</summary>
    public int HopConnectionsMax { get; init; } = 5;

    /// <summary>Questions to one next hop, all at once and then evenly. Default 3,000 in a minute.</summary>
    public Rate HopRate { get; init; } = new(3_000, TimeSpan.FromMinutes(1));

    /// <summary>Questions that one client (an IPv4 address or an IPv6 /64) causes, all at once and then evenly; not of <c>relay.networks</c>. Default 300
    /// in a minute.</summary>
    public Rate ClientRate { get; init; } = new(300, TimeSpan.FromMinutes(1));

    /// <summary>The same of one network (a /24 or a /48). Default 600 in a minute: nobody alone uses up what a next hop may be asked.</summary>
    public Rate NetworkRate { get; init; } = new(600, TimeSpan.FromMinutes(1));

    /// <summary>Clients, and as many networks, whose questions are counted. Default 10,000; those beyond are bounded by <see cref="HopRate"/> alone.</summary>
    public int ClientsMax { get; init; } = 10_000;

    /// <summary>Next hops that are remembered. Default 1,000.</summary>
    public int HopsMax { get; init; } = 1_000;

    /// <summary>Recipients without a clear answer that are remembered for <see cref="RecipientTroubleTime"/>. Default 1,000.</summary>
    public int LostRecipientsMax { get; init; } = 1_000;

    /// <summary>Domains whose next hop was not found that are remembered for <see cref="TroubleTime"/>. Default 1,000.</summary>
    public int LostDomainsMax { get; init; } = 1_000;

    /// <summary>Questions over one connection. Default 100.</summary>
    public int QuestionsPerConnection { get; init; } = 100;

    /// <summary>Unknown recipients over one connection: servers slow down and cut clients that ask for many. Default 5.</summary>
    public int RefusalsPerConnection { get; init; } = 5;

    /// <summary>An idle connection is kept for the next question. Default 2 seconds.</summary>
    public TimeSpan IdleTime { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>A next hop that could not be asked is left alone. Default 30 seconds.</summary>
    public TimeSpan TroubleTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A recipient that a next hop gave no clear answer for is not asked for again so long. Default 30 seconds.</summary>
    public TimeSpan RecipientTroubleTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Recipients in a row over which connections to a next hop are lost, before it is left alone as a whole. Default 3.</summary>
    public int LossesMax { get; init; } = 3;

    /// <summary>That a recipient exists is believed so long, if the next hop cannot be asked again. Default 7 days.</summary>
    public TimeSpan KnownTime { get; init; } = TimeSpan.FromDays(7);

    /// <summary>A known recipient is asked for again after this. Default 1 day.</summary>
    public TimeSpan RefreshTime { get; init; } = TimeSpan.FromDays(1);

    /// <summary>That a recipient does not exist is believed so long. Default 10 minutes: a mailbox may be made meanwhile.</summary>
    public TimeSpan UnknownTime { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Known recipients that are remembered; those not asked for longest go first. Default 100,000.</summary>
    public int KnownMax { get; init; } = 100_000;

    /// <summary>Unknown recipients that are remembered. Default 20,000; they never make a known one go.</summary>
    public int UnknownMax { get; init; } = 20_000;
}
