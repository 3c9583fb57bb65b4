namespace Relay.Actors;

/// <summary>The names of the long-lived actors of the <c>mail</c> system; paths in logs are made of them.</summary>
public static class ActorNames
{
    /// <summary>The local system that carries mail; no cluster event touches it.</summary>
    public const string MailSystem = "mail";

    /// <summary>The system that is a member of the cluster.</summary>
    public const string RelaySystem = "relay";

    /// <summary>Parent of the sessions.</summary>
    public const string Sessions = "sessions";

    /// <summary>Admission of bodies.</summary>
    public const string Intake = "intake";

    /// <summary>Asks the budgets of limits for what this node's leases do not cover.</summary>
    public const string LimitDesk = "limit-desk";

    /// <summary>The shard region of the budgets, in the <c>relay</c> system.</summary>
    public const string Limits = "limits";

    /// <summary>Knows which shards of budgets have ever given tokens, in the <c>relay</c> system.</summary>
    public const string LimitMemory = "limit-memory";

    /// <summary>The way from mail to the budgets, in the <c>relay</c> system.</summary>
    public const string LimitGateway = "limit-gateway";

    /// <summary>The index of this node's spool.</summary>
    public const string Queue = "queue";

    /// <summary>Parent of the destinations.</summary>
    public const string Destinations = "destinations";

    /// <summary>Looks up which next-hop site serves a domain.</summary>
    public const string Sites = "sites";

    /// <summary>Makes delivery status notifications.</summary>
    public const string Bounces = "bounces";

    /// <summary>In the cluster's system: joins the cluster, tells the other nodes of this one and keeps what they tell.</summary>
    public const string Membership = "membership";

    /// <summary>In the cluster's system: tells the other nodes of clients that are refused.</summary>
    public const string Reputation = "reputation";

    /// <summary>In the cluster's system: tells the other nodes of users whose account counts as leaked.</summary>
    public const string Accounts = "accounts";

    /// <summary>In the cluster's system: finds the secret by which keys are spread over shards.</summary>
    public const string LimitSeed = "limit-seed";

    /// <summary>In the cluster's system: where the node's API asks other nodes and answers them.</summary>
    public const string Desk = "desk";
}
