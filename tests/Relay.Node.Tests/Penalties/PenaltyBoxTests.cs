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

    [Fact]
    public void A_node_that_comes_later_learns_of_the_penalties_that_are_on()
    {
        Refuse(_here, 50);
        _here.TakeNews(1000); // told to those who were there
        _time.Advance(TimeSpan.FromSeconds(20));
        _here.TellAgain();
        Assert.Empty(_here.TakeNews(0));
        _there.Learn(_here.TakeNews(1000));
        Assert.True(_there.Holds(Client));
        Assert.Equal(_here.Of(Client.Address)!.Value.Left, _there.Of(Client.Address)!.Value.Left);
        Assert.Empty(_there.TakeNews(1000)); // nobody makes it longer
        Assert.Empty(_here.TakeNews(1000));
        _time.Advance(_here.Of(Client.Address)!.Value.Left - TimeSpan.FromSeconds(10));
        Assert.True(_here.Holds(Client));
        _here.TellAgain(); // over soon: it would begin anew where it has ended
        Assert.Empty(_here.TakeNews(1000));
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
