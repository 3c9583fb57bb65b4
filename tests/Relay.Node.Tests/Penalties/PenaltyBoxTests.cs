using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Relay.Actors.Metrics;
using Relay.Actors.Policy;
using Relay.Node.Penalties;
using Relay.Policy.Decisions;

namespace Relay.Node.Tests.Penalties;

/// <summary>What nodes tell each other of penalties.</summary>
public sealed class PenaltyBoxTests : IDisposable
{
    private static readonly ClientFacts Client = new(IPAddress.Parse("192.0.2.7"), "public", null);

    private readonly FakeTimeProvider _time = new();
    private readonly PenaltyBox _here;
    private readonly PenaltyBox _there;

    public PenaltyBoxTests() => (_here, _there) = (Box(), Box());

    [Fact]
    public void A_penalty_that_begins_on_one_node_is_on_at_all_of_them_although_one_was_not_told_of_all_refusals()
    {
        Refuse(_here, 49);
        _here.TakeNews(1000); // lost on the way
        Assert.False(_here.Holds(Client));
        Refuse(_here, 1);
        Assert.True(_here.Holds(Client));

        _there.Learn(_here.TakeNews(1000));

        Assert.True(_there.Holds(Client));
        // Told back, it makes nothing longer.
        _here.Learn(_there.TakeNews(1000));
        _there.Learn(_here.TakeNews(1000));
        Assert.Empty(_here.TakeNews(1000));
        Assert.Empty(_there.TakeNews(1000));
        Assert.Equal(_here.Of(Client.Address)!.Value.Length, _there.Of(Client.Address)!.Value.Length);
    }

    public void Dispose()
    {
        _here.Dispose();
        _there.Dispose();
    }

    private static void Refuse(PenaltyBox box, int times)
    {
        for (var i = 0; i < times; i++)
        {
            box.Add(Client, Offence.Recipient);
        }
    }

    private PenaltyBox Box() => new(
        new MeterScope(),
        new PenaltyLimits(),
        new PolicyAgent(PolicySnapshot.WithoutPolicy(everyListenerIsLoopback: true)),
        new PenaltyLog(NullLogger<PenaltyLog>.Instance, _time),
        _time);
}
