using System.Net;
using Akka.Actor;
using Relay.Actors.Cluster;
using Relay.Actors.Policy.Store;
using Relay.Messages.Policies;

namespace Relay.Actors.Tests.Policy.Store;

/// <summary>Which nodes a change names when it is done.</summary>
public sealed class ChangeRoundTests
{
    private static readonly StoredDocument Document = new(
        new DocumentHead(1, 7, DocumentHead.DigestOf("{}"u8), 2, "proposal", "a", "", DateTimeOffset.UnixEpoch), "{}"u8.ToArray());

    private readonly NodeBook _nodes = new(new ExpectedNodes([.. Enumerable.Range(1, 3).Select(static host => new IPEndPoint(IPAddress.Parse($"10.0.0.{host}"), 4053))]));

    [Fact]
    public void A_node_that_is_removed_meanwhile_is_named_as_one_that_lags()
    {
        var round = Begin(Add(1), Add(2), Add(3));

        _nodes.Remove(At(3));

        CommitOn(round, 1, 2);
        Assert.Equal(["n1 True", "n2 True", "n3 False"], Standing(round));
    }

    [Fact]
    public void A_node_of_the_settings_that_was_not_there_at_all_is_named_by_its_address()
    {
        var round = Begin(Add(1), Add(2));

        CommitOn(round, 1, 2);

        Assert.Equal(["10.0.0.3:4053 False", "n1 True", "n2 True"], Standing(round));
    }

    [Fact]
    public void A_member_beside_the_settings_counts_while_it_was_there_at_the_change()
    {
        var round = Begin(Add(1), Add(2), Add(3), Add(4));

        _nodes.Remove(At(4));

        CommitOn(round, 1, 2, 3);
        Assert.Equal(["n1 True", "n2 True", "n3 True", "n4 False"], Standing(round));
    }

    [Fact]
    public void A_witness_is_not_named_and_one_that_is_back_counts_once()
    {
        var round = Begin(Add(1), Add(2), Add(3, relays: false));

        _nodes.Remove(At(2));
        Add(2);

        CommitOn(round, 1, 2);
        Assert.Equal(["n1 True", "n2 True"], Standing(round));
    }

    private NodeEntry Add(int host, bool relays = true)
    {
        var entry = _nodes.Add(At(host), relays);
        entry.Name = $"n{host}";
        return entry;
    }

    private ChangeRound Begin(params NodeEntry[] nodes)
    {
        var round = new ChangeRound(Document, isRevival: false, _nodes);
        foreach (var step in new[] { DocumentStep.Offer, DocumentStep.Accept })
        {
            foreach (var node in nodes)
            {
                round.Answered(node, Done(node, step), TimeSpan.Zero);
            }

            Assert.Equal(RoundMove.Advance, round.Next(_nodes, isLate: false));
            round.Advance();
        }

        return round;
    }

    private void CommitOn(ChangeRound round, params int[] hosts)
    {
        foreach (var host in hosts)
        {
            var node = _nodes.Find(At(host))!;
            round.Answered(node, Done(node, DocumentStep.Commit), TimeSpan.FromMilliseconds(host));
        }

        Assert.Equal(RoundMove.Advance, round.Next(_nodes, isLate: true));
    }

    private IEnumerable<string> Standing(ChangeRound round) => round.Standing(_nodes).Select(static node => $"{node.Name} {node.IsInForce}");

    private static DocumentMessages.StepDone Done(NodeEntry node, DocumentStep step) =>
        new(node.Name, node.Relays, step, Document.Head, StepOutcome.Done, 1, []);

    private static Address At(int host) => new("akka.tcp", "relay", $"10.0.0.{host}", 4053);
}
