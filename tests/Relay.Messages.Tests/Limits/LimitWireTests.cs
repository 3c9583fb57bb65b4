using System.Runtime.Serialization;
using Akka.Actor;
using Relay.Messages.Limits;
using Relay.Messages.Wire;
using Relay.Policy.Limits;

namespace Relay.Messages.Tests.Limits;

public sealed class LimitWireTests : IAsyncLifetime
{
    private static readonly LimitBudget Budget = new(100, TimeSpan.FromMinutes(1), 200);

    private readonly ActorSystem _system = ActorSystem.Create("wire");
    private readonly RelaySerializer _serializer;

    public LimitWireTests() => _serializer = new RelaySerializer((ExtendedActorSystem)_system);

    public static TheoryData<IWireMessage, string> Messages => new()
    {
        { new LimitMessages.TokensWanted("client 192.0.2.7", 7, Budget, 1, 25), "lw" },
        { new LimitMessages.TokensAnswered("client 192.0.2.7", 7, 25, TimeSpan.FromSeconds(3), IsFull: true), "la" },
        { new LimitMessages.TokensReturned("client 192.0.2.7", Budget, 3), "lr" },
        { new LimitMessages.TokensUsed("client 192.0.2.7", Budget, 3, TimeSpan.FromSeconds(2)), "lu" },
        { new LimitMessages.TokensLent("client 192.0.2.7", Budget, 0), "lo" },
        { new LimitMessages.LoanWanted("client 192.0.2.7"), "ln" },
        { new LimitMessages.LoanHeld("client 192.0.2.7", 0), "lh" },
        { new LimitMessages.ShardProbe(59), "lp" },
        { new LimitMessages.ShardProbed(59), "lq" },
    };

    [Theory]
    [MemberData(nameof(Messages))]
    public void Message_is_the_same_on_the_other_side(IWireMessage message, string manifest)
    {
        Assert.Equal(manifest, _serializer.Manifest(message));
        Assert.Equal(message, _serializer.FromBinary(_serializer.ToBinary(message), manifest));
    }

    [Fact]
    public void What_no_budget_can_be_asked_is_refused()
    {
        IWireMessage[] wrong =
        [
            new LimitMessages.TokensWanted("", 7, Budget, 1, 1),
            new LimitMessages.TokensWanted(new string('x', LimitKeys.LengthMax + 1), 7, Budget, 1, 1),
            new LimitMessages.TokensWanted("a", 7, Budget, 0, 1),
            new LimitMessages.TokensWanted("a", 7, Budget, 2, 1),
            new LimitMessages.TokensWanted("a", 7, Budget with { Count = 0 }, 1, 1),
            new LimitMessages.TokensWanted("a", 7, Budget with { Period = TimeSpan.MaxValue }, 1, 1),
            new LimitMessages.TokensReturned("a", Budget, -1),
            new LimitMessages.TokensLent("a", Budget, -1),
            new LimitMessages.LoanWanted(""),
            new LimitMessages.LoanHeld("a", -1),
            new LimitMessages.TokensUsed("a", Budget, long.MaxValue, TimeSpan.Zero),
            new LimitMessages.TokensUsed("a", Budget, 1, TimeSpan.FromTicks(-1)),
            new LimitMessages.TokensAnswered("a", 7, 1, TimeSpan.FromTicks(-1), IsFull: false),
            new LimitMessages.ShardProbe(60),
        ];
        Assert.All(wrong, message => Assert.Throws<SerializationException>(
            () => _serializer.FromBinary(_serializer.ToBinary(message), _serializer.Manifest(message))));
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _system.Terminate();
}
