using System.Net;
using System.Text;
using Relay.Node.Listeners;
using Relay.Node.Settings;

namespace Relay.Node.Tests.Listeners;

public sealed class ListenSocketsTests
{
    [Fact]
    public void A_socket_is_bound_to_the_device_of_the_listener_whose_address_it_is()
    {
        var (with, without) = (Local("lo"), Local(null));
        var sockets = new ListenSockets(new NodeSettings { Listeners = [without, with] });
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
        using var bound = new ListenSockets(new NodeSettings { Listeners = [listener] }).Bind(listener.Address);
        Assert.True(bound.DualMode);
    }

    [Theory]
    [InlineData("loo", "; did you mean lo?")]
    [InlineData("no-such-device", "; there are ")]
    public void A_device_that_is_not_there_is_told_with_its_setting_and_those_that_are(string device, string hint)
    {
        var listener = Local(device);
        var refused = Assert.Throws<SettingsException>(() => new ListenSockets(new NodeSettings { Listeners = [listener] }).Bind(listener.Address));
        Assert.StartsWith($"relay.json:4: Listeners:0:Device: \"{device}\" is no network device of this machine{hint}", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("lo")]
    public void An_address_that_is_taken_is_told_with_its_setting(string? device)
    {
        var taken = Local(device);
        using var first = new ListenSockets(new NodeSettings { Listeners = [taken] }).Bind(taken.Address);
        first.Listen();
        var again = taken with { Address = (IPEndPoint)first.LocalEndPoint! };
        var refused = Assert.Throws<SettingsException>(() => new ListenSockets(new NodeSettings { Listeners = [again] }).Bind(again.Address));
        Assert.Equal($"relay.json:3: Listeners:0:Address: cannot listen on {again.Address}: another program does already", refused.Message);
    }

    [Fact]
    public void An_address_of_another_machine_is_told_with_its_setting_or_as_the_default_that_it_is()
    {
        var sockets = new ListenSockets(new NodeSettings());
        var refused = Assert.Throws<SettingsException>(() => sockets.Bind(new IPEndPoint(IPAddress.Parse("192.0.2.1"), 0)));
        Assert.Equal("by default: Admin:Address: cannot listen on 192.0.2.1:0: it is no address of this machine", refused.Message);
    }

    private static ListenerSettings Local(string? device) => new()
    {
        Address = new IPEndPoint(IPAddress.Loopback, 0),
        Device = device,
        AddressPlace = new SettingPlace("relay.json", 3, "Listeners:0:Address"),
        DevicePlace = new SettingPlace("relay.json", 4, "Listeners:0:Device"),
    };

    private static string DeviceOf(System.Net.Sockets.Socket socket)
    {
        var name = new byte[16];
        var length = socket.GetRawSocketOption(optionLevel: 1, optionName: 25, name);
        return Encoding.ASCII.GetString(name, 0, length).TrimEnd('\0');
    }
}
