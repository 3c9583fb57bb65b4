using Relay.Smtp.Server;
using Relay.Smtp.Tests.Server;

namespace Relay.Smtp.Tests.Fuzz;

/// <summary>Damaged conversations at random splits.</summary>
public sealed class ConnectionFuzz
{
    private const int UnreadMax = 2100; // the longest command line, and nothing of a body

    private static readonly ServerDialogueOptions Options =
        DialogueScript.Options with { OfferStartTls = true, ErrorsMax = 5, JunkCommandsMax = 20 };
    private static readonly MessageLimits Limits = new(SizeMax: 2000, RecipientsMax: 3, HopsMax: 5);

    [Fact]
    public void A_connection_survives_whatever_is_sent() => FuzzLoop.Run(random => AttackShowingTheConversation(random.Next()));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_same_seed_makes_the_same_conversation(int seed) =>
        Assert.Equal(new ConversationGenerator(seed).Generate(), new ConversationGenerator(seed).Generate());

    [Fact]
    public void The_conversations_reach_accepted_messages_refusals_and_abandoned_bodies()
    {
        var seen = new HashSet<string>();
        for (var seed = 0; seed < 150; seed++)
        {
            var owner = NewOwner();
            FeedBytes(owner, new ConversationGenerator(seed).Generate());
            seen.UnionWith(owner.Transcript.Select(line => line.Length > 6 ? line[..7].Trim() : line));
        }

        string[] kinds = ["=: mess", "=: aban", "=: clos", "=: tls", "S: 354", "S: 250", "S: 550", "S: 501", "S: 503", "S: 500", "S: 421"];
        foreach (var kind in kinds)
        {
            Assert.Contains(kind, seen);
        }
    }

    private static void AttackShowingTheConversation(int seed)
    {
        try
        {
            Attack(seed);
        }
        catch (Exception e)
        {
            var octets = DialogueScript.Escape(new ConversationGenerator(seed).Generate());
            throw new InvalidOperationException($"In this conversation:\n{octets}\n{e.Message}", e);
        }
    }

    private static void Attack(int seed)
    {
        var generator = new ConversationGenerator(seed);
        var octets = generator.Generate();
        var byByte = NewOwner();
        FeedBytes(byByte, octets);

        var bySplit = NewOwner();
        var at = 0;
        foreach (var length in generator.Splits(octets.Length))
        {
            bySplit.Feed(octets.AsSpan(at, length), generator.SegmentSize());
            Assert.InRange(bySplit.UnreadOctets, 0, UnreadMax);
            at += length;
        }

        AssertSame(byByte.Transcript, bySplit.Transcript);
    }

    private static void FeedBytes(ScriptedOwner owner, byte[] octets)
    {
        var oracle = new FramingOracle();
        for (var i = 0; i < octets.Length; i++)
        {
            var before = owner.Transcript.Count;
            owner.Feed(octets.AsSpan(i, 1));
            var lines = owner.Transcript.Skip(before).ToList();
            oracle.Check(octets[i], lines);
            if (lines.Contains("=: abandoned"))
            {
                oracle.Abandon();
            }

            Assert.InRange(owner.UnreadOctets, 0, UnreadMax);
            Assert.InRange(owner.Dialogue.Recipients.Count, 0, Limits.RecipientsMax);
        }
    }

    // Octets that come together with a command that must be last end the connection, so from there on the two may differ.
    private static void AssertSame(IReadOnlyList<string> byByte, IReadOnlyList<string> bySplit)
    {
        var outOfSync = bySplit.ToList().FindIndex(line => line.StartsWith("S: 554 5.5.0", StringComparison.Ordinal));
        var same = outOfSync < 0 ? bySplit : [.. bySplit.Take(outOfSync)];
        Assert.Equal(string.Join('\n', byByte.Take(same.Count)), string.Join('\n', same));
        Assert.True(outOfSync >= 0 || bySplit.Count == byByte.Count, "One of them went on");
    }

    private static ScriptedOwner NewOwner() => new(new ServerDialogue(Options, Limits));
}
