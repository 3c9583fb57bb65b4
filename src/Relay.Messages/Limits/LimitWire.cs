using Relay.Messages.Limits.Proto;
using Relay.Messages.Wire;
using Relay.Policy.Limits;

namespace Relay.Messages.Limits;

/// <summary>The wire forms of this folder's messages.</summary>
internal static class LimitWire
{
    /// <summary>Most tokens in one message: those of a batch of the largest messages.</summary>
    public const long TokensMax = 1L << 50;

    /// <summary>All of them.</summary>
    public static readonly WireType[] Types =
    [
        WireType.For<LimitMessages.TokensWanted, WireTokensWanted>("lw", Write, WireTokensWanted.Parser, Read),
        WireType.For<LimitMessages.TokensAnswered, WireTokensAnswered>("la", Write, WireTokensAnswered.Parser, Read),
        WireType.For<LimitMessages.TokensReturned, WireTokensReturned>("lr", Write, WireTokensReturned.Parser, Read),
        WireType.For<LimitMessages.TokensUsed, WireTokensUsed>("lu", Write, WireTokensUsed.Parser, Read),
        WireType.For<LimitMessages.ShardProbe, WireShardProbe>(
            "lp", static probe => new WireShardProbe { Shard = probe.Shard }, WireShardProbe.Parser, static form => new LimitMessages.ShardProbe(ShardOf(form.Shard))),
        WireType.For<LimitMessages.ShardProbed, WireShardProbed>(
            "lq", static probed => new WireShardProbed { Shard = probed.Shard }, WireShardProbed.Parser, static form => new LimitMessages.ShardProbed(ShardOf(form.Shard))),
        WireType.For<LimitMessages.ShardWanted, WireShardWanted>(
            "ls", static wanted => new WireShardWanted { Shard = wanted.Shard }, WireShardWanted.Parser, static form => new LimitMessages.ShardWanted(ShardOf(form.Shard))),
        WireType.For<LimitMessages.TokensLent, WireTokensLent>(
            "lo",
            static lent => new WireTokensLent { Key = lent.Key, Budget = Write(lent.Budget), Tokens = lent.Tokens },
            WireTokensLent.Parser,
            static form => new LimitMessages.TokensLent(KeyOf(form.Key), Read(form.Budget), Tokens(form.Tokens, 0))),
        WireType.For<LimitMessages.LoanWanted, WireLoanWanted>(
            "ln", static wanted => new WireLoanWanted { Key = wanted.Key }, WireLoanWanted.Parser, static form => new LimitMessages.LoanWanted(KeyOf(form.Key))),
        WireType.For<LimitMessages.LoanHeld, WireLoanHeld>(
            "lh",
            static held => new WireLoanHeld { Key = held.Key, Tokens = held.Tokens },
            WireLoanHeld.Parser,
            static form => new LimitMessages.LoanHeld(KeyOf(form.Key), Tokens(form.Tokens, 0))),
        WireType.For<LimitMessages.ShardLeft, WireShardLeft>("ll", Write, WireShardLeft.Parser, Read),
    ];

    private static WireTokensWanted Write(LimitMessages.TokensWanted message) => new()
    {
        Key = message.Key,
        Number = message.Number,
        Budget = Write(message.Budget),
        Need = message.Need,
        Want = message.Want,
    };

    private static LimitMessages.TokensWanted Read(WireTokensWanted form) => form.Want >= form.Need
        ? new LimitMessages.TokensWanted(KeyOf(form.Key), form.Number, Read(form.Budget), Tokens(form.Need, 1), Tokens(form.Want, 1))
        : throw new FormatException("more tokens are needed than wanted");

    private static WireTokensAnswered Write(LimitMessages.TokensAnswered message) => new()
    {
        Key = message.Key,
        Number = message.Number,
        Tokens = message.Tokens,
        RetryAfterTicks = message.RetryAfter.Ticks,
        IsFull = message.IsFull,
    };

    private static LimitMessages.TokensAnswered Read(WireTokensAnswered form) => form.RetryAfterTicks >= 0
        ? new LimitMessages.TokensAnswered(KeyOf(form.Key), form.Number, Tokens(form.Tokens, 0), new TimeSpan(form.RetryAfterTicks), form.IsFull)
        : throw new FormatException("a time to wait that is over");

    private static WireTokensReturned Write(LimitMessages.TokensReturned message) =>
        new() { Key = message.Key, Budget = Write(message.Budget), Tokens = message.Tokens };

    private static LimitMessages.TokensReturned Read(WireTokensReturned form) =>
        new(KeyOf(form.Key), Read(form.Budget), Tokens(form.Tokens, 1));

    private static WireTokensUsed Write(LimitMessages.TokensUsed message) =>
        new() { Key = message.Key, Budget = Write(message.Budget), Tokens = message.Tokens, AgeTicks = message.Age.Ticks };

    private static LimitMessages.TokensUsed Read(WireTokensUsed form) => form.AgeTicks >= 0
        ? new LimitMessages.TokensUsed(KeyOf(form.Key), Read(form.Budget), Tokens(form.Tokens, 1), new TimeSpan(form.AgeTicks))
        : throw new FormatException("tokens that will be used");

    private static WireShardLeft Write(LimitMessages.ShardLeft message)
    {
        var form = new WireShardLeft { Shard = message.Shard, IsKnown = message.IsKnown };
        if (message.EmptyFor is { } emptyFor)
        {
            form.EmptyForTicks = emptyFor.Ticks;
        }

        form.Owed.AddRange(message.Owed.Select(static owed => new WireOwedBudget { High = owed.High, Low = owed.Low, FullAfterTicks = owed.FullAfter.Ticks }));
        return form;
    }

    private static LimitMessages.ShardLeft Read(WireShardLeft form) => form.Owed.Count <= LimitMessages.OwedMax
        ? new LimitMessages.ShardLeft(
            ShardOf(form.Shard),
            form.IsKnown,
            form.HasEmptyForTicks ? TimeOf(form.EmptyForTicks) : null,
            [.. form.Owed.Select(static owed => new OwedBudget(owed.High, owed.Low, TimeOf(owed.FullAfterTicks)))])
        : throw new FormatException("more budgets than a shard has");

    private static TimeSpan TimeOf(long ticks) =>
        ticks >= 0 && ticks <= LimitMessages.OwedTimeMax.Ticks ? new TimeSpan(ticks) : throw new FormatException("a time that is out of range");

    private static WireBudget Write(in LimitBudget budget) =>
        new() { Count = budget.Count, PeriodTicks = budget.Period.Ticks, Burst = budget.Burst };

    private static LimitBudget Read(WireBudget? form)
    {
        var budget = form is null ? default : new LimitBudget(form.Count, new TimeSpan(form.PeriodTicks), form.Burst);
        return budget.IsValid ? budget : throw new FormatException("a budget that nothing can be counted with");
    }

    private static string KeyOf(string key) =>
        key.Length is > 0 and <= LimitKeys.LengthMax ? key : throw new FormatException("a key that no budget can have");

    private static int ShardOf(int shard) =>
        shard is >= 0 and < LimitMessages.Shards ? shard : throw new FormatException("a shard that does not exist");

    private static long Tokens(long tokens, long least) =>
        tokens >= least && tokens <= TokensMax ? tokens : throw new FormatException("a number of tokens that is out of range");
}
