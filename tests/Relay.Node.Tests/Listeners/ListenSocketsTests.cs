using System.Net;
using System.Text;
using Relay.Node.Listeners;
using Relay.Node.Settings;

namespace Relay.Node.Tests.Listeners;

public sealed class DeviceSocketsTests
{
    [Fact]
    public void A_socket_is_bound_to_the_device_of_the_listener_whose_address_it_is()
    {
        var (with, without) = (Local("lo"), Local(null));
        var sockets = new DeviceSockets([without, with]);
        using var bound = sockets.Bind(with.Address);
        using var free = sockets.Bind(without.Address);
        using var other = sockets.Bind(new IPEndPoint(IPAddress.Loopback, 0));

        Assert.Equal("lo", DeviceOf(bound));
        Assert.Equal("", DeviceOf(free));
        Assert.Equal("", DeviceOf(other));
        Assert.NotEqual(0, ((IPEndPoint)bound.LocalEndPoint!).Port);
    }

    [Fact]
    public void A_listener_on_any_IPv6_address_takes_IPv4_clients_with_a_device_too()
    {
        var listener = new ListenerSettings { Address = new IPEndPoint(IPAddress.IPv6Any, 0), Device = "lo" };
        using var bound = new DeviceSockets([listener]).Bind(listener.Address);
        Assert.True(bound.DualMode);
    }

    [Theory]
    [InlineData("loo", "; did you mean lo?")]
    [InlineData("no-such-device", "; there are ")]
    public void A_device_that_is_not_there_is_told_with_its_setting_and_those_that_are(string device, string hint)
    {
        var listener = Local(device);
        var refused = Assert.Throws<IOException>(() => new DeviceSockets([listener]).Bind(listener.Address));
        Assert.StartsWith($"relay.json:4: Listeners:0:Device: \"{device}\" is no network device of this machine{hint}", refused.Message, StringComparison.Ordinal);
    }

    private static ListenerSettings Local(string? device) => new()
    {
        Address = new IPEndPoint(IPAddress.Loopback, 0),
        Device = device,
        DeviceSetting = "relay.json:4: Listeners:0:Device",
    };

    private static string DeviceOf(System.Net.Sockets.Socket socket)
    {
        var name = new byte[16];
        var length = socket.GetRawSocketOption(optionLevel: 1, optionName: 25, name);
        return Encoding.ASCII.GetString(name, 0, length).TrimEnd('\0');
    }
}
