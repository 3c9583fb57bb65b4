using System.Net;
using Relay.Node.Authentication;
using Relay.Node.Listeners;

namespace Relay.Node.Tests.Authentication;

public sealed class PasswordQueueTests
{
    private readonly PasswordQueue<string> _queue = new(placesMax: 4);

    [Fact]
    public void Turns_go_round_among_owners()
    {
        Add("mallory", "m1", "m2", "m3");
        Add("alice", "a1");
        Assert.Equal(["m1", "a1", "m2", "m3", null], Enumerable.Range(0, 5).Select(_ => _queue.Take()));
        Assert.True(_queue.IsEmpty);
    }

    [Fact]
    public void Who_has_most_gives_a_place_to_who_has_less()
    {
        Add("mallory", "m1", "m2", "m3", "m4");
        Assert.Equal("m5", _queue.Add(Owner("mallory"), "m5"));
        Assert.Equal("m4", _queue.Add(Owner("alice"), "a1"));
        Assert.Equal("m3", _queue.Add(Owner("bob"), "b1"));
        Assert.Equal("b2", _queue.Add(Owner("bob"), "b2"));
        Assert.Equal("m2", _queue.Add(Owner("carol"), "c1"));
        Assert.Equal("d1", _queue.Add(Owner("dave"), "d1"));
        Assert.Equal(["m1", "a1", "b1", "c1", null], Enumerable.Range(0, 5).Select(_ => _queue.Take()));
    }

    [Fact]
    public void Known_clients_have_three_turns_of_four_and_all_when_nobody_else_waits()
    {
        var turns = new PasswordTurns<string>(placesMax: 10);
        for (var i = 0; i < 5; i++)
        {
            turns.Add(PasswordOwner.Of("x", Network(1), isKnown: false), "stranger");
            turns.Add(Owner("mallory"), "mallory");
        }

        turns.Add(Owner("alice"), "alice");
        turns.Add(PasswordOwner.Of("x", Network(2), isKnown: false), "honest");
        Assert.Equal(
            ["mallory", "alice", "mallory", "stranger", "mallory", "mallory", "mallory", "honest", "stranger", "stranger", "stranger", "stranger", null],
            Enumerable.Range(0, 13).Select(_ => turns.Take()));
    }

    [Fact]
    public void A_known_client_is_told_apart_by_user_and_another_by_network()
    {
        var (here, near, far) = (IPAddress.Parse("192.0.2.1"), IPAddress.Parse("192.0.2.2"), IPAddress.Parse("198.51.100.1"));
        Assert.Equal(Of("a", here, isKnown: true), Of("a", far, isKnown: true));
        Assert.NotEqual(Of("a", here, isKnown: true), Of("b", here, isKnown: true));
        Assert.Equal(Of("a", here, isKnown: false), Of("b", near, isKnown: false));
        Assert.NotEqual(Of("a", here, isKnown: false), Of("a", far, isKnown: false));

        static PasswordOwner Of(string user, IPAddress client, bool isKnown) => PasswordOwner.Of(user, ClientKey.OfNetwork(client), isKnown);
    }

    private static ClientKey Network(int number) => ClientKey.OfNetwork(IPAddress.Parse($"192.0.{number}.1"));

    private static PasswordOwner Owner(string user) => PasswordOwner.Of(user, default, isKnown: true);

    private void Add(string user, params string[] items)
    {
        foreach (var item in items)
        {
            Assert.Null(_queue.Add(Owner(user), item));
        }
    }
}
