using Relay.Flood.Attacks;

namespace Relay.Flood.Scenarios;

/// <summary>All scenarios.</summary>
public static class ScenarioList
{
    /// <summary>The word that runs all of them.</summary>
    public const string AllName = "all";

    private const int Small = 1024;
    private const int DeadBytes = 512 << 10;
    private const int SlowConnections = 500;
    private const int Keys = 10_000;

    // An attacker within its rate keeps some distance from it, as the legitimate senders do.
    private const double PartOfLimit = 0.8;

    /// <summary>In the order in which <see cref="AllName"/> runs them.</summary>
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new()
        {
            Name = "baseline",
            Description = "no attack: how far the figures of two equal phases differ by chance",
        },
        new()
        {
            Name = "pipelined-mail",
            Description = "two senders far over their limit, many MAIL commands in one write",
            DefaultAttackRate = 500,
            Attackers = 2,
            Build = static (settings, rate) => Mail(rate, settings, attackers: 2, workers: 8, depth: 5),
        },
        new()
        {
            Name = "connection-churn",
            Description = "four clients that connect and leave, over and over",
            DefaultAttackRate = 300,
            Attackers = 4,
            JudgesMemory = true,
            Build = static (_, rate) => new ConnectionChurn(rate, attackers: 4),
        },
        new()
        {
            Name = "slowloris",
            Description = "500 connections of 50 clients that say nothing, or an octet a second",
            DefaultAttackRate = SlowConnections,
            Attackers = 50,
            JudgesMemory = true,
            Build = static (_, rate) => new Slowloris((int)Math.Min(rate, FloodSettings.ConnectionsMax)),
        },
        new()
        {
            Name = "big-bodies",
            Description = "a sender within its limit of messages, each as large as is allowed",
            DefaultAttackRate = 2,
            Attackers = 1,
            JudgesSpool = true,
            Build = static (settings, rate) => WithinLimit(rate, settings, settings.BigBytes, settings.Recipient),
        },
        new()
        {
            Name = "dead-destination",
            Description = "a sender within its limit, whose mail nobody takes",
            DefaultAttackRate = 2,
            Attackers = 1,
            JudgesSpool = true,
            Build = static (settings, rate) => WithinLimit(rate, settings, DeadBytes, settings.DeadRecipient),
        },
        new()
        {
            Name = "all-nodes",
            Description = "one sender far over its limit, through every node at once",
            DefaultAttackRate = 500,
            Attackers = 1,
            Build = static (settings, rate) => Mail(rate, settings, attackers: 1, workers: 9, depth: 1),
        },
        new()
        {
            Name = "many-keys",
            Description = "10,000 senders, each within its limit",
            DefaultAttackRate = 200,
            Attackers = Keys,
            JudgesMemory = true,
            Build = static (settings, rate) => new MailAttack(
                rate,
                new MailAttackShape { Attackers = Keys, Workers = 100, AnyAttacker = true, Octets = Small, Recipient = settings.Recipient }),
        },
        new()
        {
            Name = "rcpt-harvest",
            Description = "four clients that guess recipients",
            DefaultAttackRate = 500,
            Attackers = 4,
            Build = static (_, rate) => new RcptHarvest(rate, attackers: 4),
        },
        new()
        {
            Name = "auth-guess",
            Description = "twenty clients that guess passwords under TLS",
            DefaultAttackRate = 60,
            Attackers = 20,
            JudgesAdmitted = false,
            Build = static (_, rate) => new AuthGuess(rate, attackers: 20),
        },
        new()
        {
            Name = "node-kill",
            Description = "all-nodes, while a node is killed and started again",
            DefaultAttackRate = 500,
            Attackers = 1,
            KillsNode = true,
            Build = static (settings, rate) => Mail(rate, settings, attackers: 1, workers: 9, depth: 1),
        },
    ];

    /// <summary>The scenarios that a word names: one, or all; null when it names none.</summary>
    public static IReadOnlyList<Scenario>? Find(string name) =>
        name == AllName ? All : All.FirstOrDefault(scenario => scenario.Name == name) is { } found ? [found] : null;

    private static MailAttack Mail(double rate, FloodSettings settings, int attackers, int workers, int depth) =>
        new(rate, new MailAttackShape
        {
            Attackers = attackers,
            Workers = workers,
            Depth = depth,
            EveryNode = attackers == 1,
            Octets = Small,
            Recipient = settings.Recipient,
        });

    private static MailAttack WithinLimit(double rate, FloodSettings settings, int octets, string recipient) =>
        new(
            settings.LimitPerSecond is { } limit ? Math.Min(rate, limit * PartOfLimit) : rate,
            new MailAttackShape { Attackers = 1, Workers = 4, Octets = octets, Recipient = recipient });
}
