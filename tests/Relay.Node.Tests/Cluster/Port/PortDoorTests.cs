using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using Relay.Node.Cluster.Port;
using Relay.TestKit;

namespace Relay.Node.Tests.Cluster.Port;

public sealed class PortDoorTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly CapturedLog _log = new();

    public void Dispose() => _log.Dispose();

    [Fact]
    public void Each_host_of_the_seeds_has_its_places_and_all_others_share_theirs()
    {
        var door = Door("10.0.0.11:4053", "10.0.0.12:4053", "10.0.0.12:4054", "[2001:db8::1]:4053");

        Assert.Equal(PortDoor.ConnectionsMax, EnterAll(door, "192.0.2.7").Count);
        Assert.Null(door.TryEnter("192.0.2.8"));
        Assert.Equal(PortDoor.ConnectionsMax, EnterAll(door, "10.0.0.11").Count);
        Assert.Null(door.TryEnter("::ffff:10.0.0.11"));
        Assert.Equal(2 * PortDoor.ConnectionsMax, EnterAll(door, "10.0.0.12").Count);
        Assert.Equal(PortDoor.ConnectionsMax, EnterAll(door, "[2001:db8::1]").Count);
    }

    [Fact]
    public void A_place_is_given_back_once()
    {
        var door = Door();
        var places = EnterAll(door, "192.0.2.7");

        places[0].Dispose();
        places[0].Dispose();

        Assert.NotNull(door.TryEnter("192.0.2.8"));
        Assert.Null(door.TryEnter("192.0.2.8"));
    }

    [Fact]
    public void Those_that_are_not_let_in_are_a_line_a_minute()
    {
        var door = Door();
        EnterAll(door, "192.0.2.7"); // the last try finds the door shut
        Assert.Null(door.TryEnter("192.0.2.8"));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Null(door.TryEnter("192.0.2.9"));

        Assert.Equal(
            ["a connection of 192.0.2.7", "1 more connections", "a connection of 192.0.2.9"],
            _log.Lines.Select(static line => line.Split("cluster: ")[1].Split(" to Cluster:Address")[0]));
    }

    [Fact]
    public async Task Strangers_without_a_word_are_closed_and_keep_no_node_out()
    {
        IPEndPoint[] seeds = [new(IPAddress.Loopback, FreePort.Next()), new(IPAddress.Loopback, FreePort.Next())];
        await using var first = await NodeOfCluster.StartAsync(seeds[0], seeds);
        await Eventually.TrueAsync(() => first.State.Status == "joining");
        var strangers = await Task.WhenAll(Enumerable.Range(0, 3 * PortDoor.ConnectionsMax).Select(_ => CallAsync(seeds[0])));
        try
        {
            // Nobody sends anything: what a stranger reads is that it was closed.
            await Eventually.TrueAsync(() => strangers.Count(IsClosed) >= 2 * PortDoor.ConnectionsMax, () => $"{strangers.Count(IsClosed)} closed\n{first}");

            await using var second = await NodeOfCluster.StartAsync(seeds[1], seeds);
            await Eventually.TrueAsync(() => first.Sees(seeds) && second.Sees(seeds), () => $"{first}\n{second}");
        }
        finally
        {
            Array.ForEach(strangers, static stranger => stranger.Dispose());
        }
    }

    private PortDoor Door(params string[] seeds) => new(seeds.Select(IPEndPoint.Parse), _time, _log);

    private static List<IDisposable> EnterAll(PortDoor door, string host)
    {
        var places = new List<IDisposable>();
        while (door.TryEnter(host) is { } place)
        {
            places.Add(place);
        }

        return places;
    }

    // From an address of its own: the nodes come from 127.0.0.1.
    private static async Task<Socket> CallAsync(IPEndPoint node)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Parse("127.0.0.9"), 0));
        await socket.ConnectAsync(node);
        return socket;
    }

    private static bool IsClosed(Socket socket) => socket.Poll(TimeSpan.Zero, SelectMode.SelectRead) && socket.Available == 0;
}
