using Relay.Messages.Accounts;
using Relay.Messages.Calls;
using Relay.Messages.Cluster;
using Relay.Messages.Greylisting;
using Relay.Messages.Limits;
using Relay.Messages.Policies;
using Relay.Messages.Reputation;
using Relay.Messages.Wire;
using Relay.Policy.Documents;
using Relay.Policy.Greylisting;
using Relay.Policy.Limits;

namespace Relay.Messages.Tests.Wire;

/// <summary>One message of each manifest, and its bytes. Both are frozen: nodes of two versions talk to each other during an update.</summary>
/// <remarks>Never change a line; a message that grows keeps its sample, in which what is new has its default.</remarks>
internal static class WireSamples
{
    private static readonly MemberId Node = new("akka.tcp://relay@10.0.0.11:4053", -7);

    private static readonly LimitBudget Budget = new(100, TimeSpan.FromMinutes(1), 200);

    private static readonly string Digest = new('a', 64);
    private static readonly DocumentHead Head = new(3, 7, Digest, 1000, "p1", "127.0.0.1", "tighter", DateTimeOffset.UnixEpoch);
    private static readonly PolicyError Error = new("relay.networks[0]", 3, "is no network");

    public static readonly (string Manifest, IWireMessage Message, string Bytes)[] All =
    [
        (
            "at",
            new AccountMessages.AccountsTold([new ToldCount("alice", 4, 3)], [new ToldHold("bob", true, DateTimeOffset.UnixEpoch.AddHours(1), "why")]),
            "0a0b0a05616c6963651004180312110a03626f6210011880dddb012203776879"),
        ("dah", new DocumentMessages.AskHeld(3, 9), "0803110900000000000000"),
        ("dap", new DocumentMessages.AskPiece(Digest, 32_000), "0a20aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa1080fa01"),
        ("das", DocumentMessages.AskStored.Instance, ""),
        (
            "dh",
            new DocumentMessages.Held("mx-a", true, 3, 9, Head, null),
            "0a046d782d61100118032109000000000000002a41080310071a20aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
            + "aaaaaaaaaaaaaaaaaa20e8072a02703132093132372e302e302e313a0774696768746572"),
        (
            "dp",
            new DocumentMessages.Piece(Digest, 32_000, new byte[] { 1, 0, 255 }),
            "0a20aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa1080fa011a030100ff"),
        (
            "dpa",
            new DocumentMessages.ProposalAnswer("p1", ProposalOutcome.Done, 7, [new NodeInForce("mx-a", true, 12)], [Error], "none"),
            "0a02703110011807220a0a046d782d611001180c2a240a1172656c61792e6e6574776f726b735b305d10031a0d6973206e6f"
            + "206e6574776f726b32046e6f6e65"),
        (
            "dpr",
            new DocumentMessages.Proposal("p1", 6, Digest, 1000, "127.0.0.1", "tighter"),
            "0a02703110061a20aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa20e8072a093132372e30"
            + "2e302e31320774696768746572"),
        ("ds", new DocumentMessages.StoredVersion(7, Digest), "08071220aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
        (
            "dsd",
            new DocumentMessages.StepDone("mx-a", true, DocumentStep.Offer, Head, StepOutcome.Refused, 3, [Error]),
            "0a046d782d61100118012241080310071a20aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
            + "20e8072a02703132093132372e302e302e313a0774696768746572280330033a240a1172656c61792e6e6574776f726b735b"
            + "305d10031a0d6973206e6f206e6574776f726b"),
        (
            "dso",
            new DocumentMessages.StepOrder(3, 9, DocumentStep.Accept, Head),
            "080311090000000000000018022241080310071a20aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
            + "aaaaaa20e8072a02703132093132372e302e302e313a0774696768746572"),
        (
            "gc",
            new GreylistMessages.TripletCame(
                7, new Triplet("192.0.2.0/24", 1, new UInt128(2, 3)), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(3)),
            "0807120c3139322e302e322e302f32341901000000000000002102000000000000002903000000000000003080ade2043880dac409408087a70e"),
        ("gj", new GreylistMessages.TripletJudged(7, new GreylistFinding(TimeSpan.FromSeconds(1), true)), "08071080ade2041801"),
        ("la", new LimitMessages.TokensAnswered("client 192.0.2.7", 7, 25, TimeSpan.FromSeconds(3), IsFull: true), "0a10636c69656e74203139322e302e322e3710071819208087a70e2801"),
        ("lh", new LimitMessages.LoanHeld("client 192.0.2.7", 3), "0a10636c69656e74203139322e302e322e371003"),
        ("ll", new LimitMessages.ShardLeft(59, IsKnown: true, TimeSpan.FromSeconds(2), [new OwedBudget(1, 2, TimeSpan.FromSeconds(3))]), "083b10011880dac4092217090100000000000000110200000000000000188087a70e"),
        ("ln", new LimitMessages.LoanWanted("client 192.0.2.7"), "0a10636c69656e74203139322e302e322e37"),
        ("lo", new LimitMessages.TokensLent("client 192.0.2.7", Budget, 3), "0a10636c69656e74203139322e302e322e37120b086410808c8d9e0218c8011803"),
        ("lp", new LimitMessages.ShardProbe(59), "083b"),
        ("lq", new LimitMessages.ShardProbed(59), "083b"),
        ("lr", new LimitMessages.TokensReturned("client 192.0.2.7", Budget, 3), "0a10636c69656e74203139322e302e322e37120b086410808c8d9e0218c8011803"),
        ("ls", new LimitMessages.ShardWanted(59), "083b"),
        ("lu", new LimitMessages.TokensUsed("client 192.0.2.7", Budget, 3, TimeSpan.FromSeconds(2)), "0a10636c69656e74203139322e302e322e37120b086410808c8d9e0218c80118032080dac409"),
        ("lw", new LimitMessages.TokensWanted("client 192.0.2.7", 7, Budget, 1, 25), "0a10636c69656e74203139322e302e322e3710071a0b086410808c8d9e0218c80120012819"),
        ("nca", new CallMessages.Answered(200, 100_000), "08c80110a08d06"),
        ("ncl", new CallMessages.NodeCall("POST", "/api/queue/hold?node=self", 300), "0a04504f535412192f6170692f71756575652f686f6c643f6e6f64653d73656c6618ac02"),
        ("ncp", new CallMessages.Piece(40_000, [1, 0, 255]), "08c0b80212030100ff"),
        ("ncw", new CallMessages.PieceWanted(40_000), "08c0b802"),
        (
            "nr",
            new NodeReport("mx-a", Node, [Node, new MemberId("akka.tcp://relay@10.0.0.12:4053", 8)], 1, 42, 1_000_000, 3, 20),
            "0a046d782d6112260a1f616b6b612e7463703a2f2f72656c61794031302e302e302e31313a3430353315f9ffffff1a260a1f"
            + "616b6b612e7463703a2f2f72656c61794031302e302e302e31313a3430353315f9ffffff1a260a1f616b6b612e7463703a2f"
            + "2f72656c61794031302e302e302e31323a3430353315080000002001282a30c0843d38034014"),
        ("rt", new ReputationMessages.RefusalsTold([new ToldRefusals(0xC0000207, false, 50, 1, TimeSpan.FromSeconds(3))]), "0a1209070200c00000000018322001288087a70e"),
    ];
}
