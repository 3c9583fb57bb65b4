using System.Net;
using Relay.Node.Encryption;

namespace Relay.Node.Tests.Encryption;

public sealed class HandshakeSlotsTests
{
    private readonly List<string> _cut = [];

    [Fact]
    public void There_are_as_many_as_there_may_be_and_one_given_back_is_free_once()
    {
        var slots = new HandshakeSlots(2, 2);
        var first = Take(slots, "192.0.2.1")!;
        using var second = Take(slots, "198.51.100.1");
        Assert.NotNull(second);
        Assert.False(slots.HasPlace(IPAddress.Loopback));
        Assert.Null(Take(slots, "203.0.113.1"));
        first.Dispose();
        first.Dispose();
        Assert.Equal(1, slots.Taken);
        Assert.True(slots.HasPlace(IPAddress.Loopback));
        using var third = Take(slots, "203.0.113.1");
        Assert.NotNull(third);
        Assert.Null(Take(slots, "203.0.113.2"));
        Assert.Empty(_cut);
    }

    [Fact]
    public void Of_those_that_wait_for_their_clients_the_one_that_has_been_there_longest_gives_way()
    {
        var slots = new HandshakeSlots(3, 3);
        using var computed = Take(slots, "192.0.2.1")!;
        using var silent = Take(slots, "192.0.2.2")!;
        using var later = Take(slots, "198.51.100.3")!;
        later.IsWaiting = true;
        silent.IsWaiting = true;
        silent.IsWaiting = false;
        silent.IsWaiting = true; // an octet came: that makes it no younger
        using var next = Take(slots, "203.0.113.4");
        Assert.NotNull(next);
        Assert.Equal(["192.0.2.2"], _cut);
        Assert.True(silent.HasGivenWay);
        silent.Dispose(); // its place is another's
        Assert.Equal(3, slots.Taken);
        using var last = Take(slots, "203.0.113.5");
        Assert.Equal(["192.0.2.2", "198.51.100.3"], _cut);
        Assert.Null(Take(slots, "203.0.113.6"));
        Assert.False(computed.HasGivenWay);
    }

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.200", "192.0.3.1")]
    [InlineData("2001:db8:1:1::1", "2001:db8:1:2::1", "2001:db8:2:1::1")]
    public void A_network_that_has_its_share_makes_room_for_itself_alone(string first, string second, string stranger)
    {
        var slots = new HandshakeSlots(10, 2);
        using var other = Take(slots, stranger)!;
        other.IsWaiting = true;
        using var one = Take(slots, first)!;
        using var two = Take(slots, second)!;
        Assert.Null(Take(slots, first));
        two.IsWaiting = true;
        using var three = Take(slots, first);
        Assert.NotNull(three);
        Assert.Equal([second], _cut);
        Assert.Equal(3, slots.Taken);
        Assert.False(other.HasGivenWay);
    }

    private HandshakeSlot? Take(HandshakeSlots slots, string client) => slots.TryTake(IPAddress.Parse(client), () => _cut.Add(client));
}
