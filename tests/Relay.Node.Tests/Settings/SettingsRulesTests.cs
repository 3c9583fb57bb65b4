using System.Net;

namespace Relay.Node.Tests.Settings;

public sealed class SettingsRulesTests : IDisposable
{
    private readonly SettingsFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("""{ "Admin": { "Tls": {} } }""", "Admin:Tls: Tls")]
    public async Task What_this_version_cannot_do_stops_the_start(string json, string what)
    {
        Assert.Equal($"relay.json:1: {what} is not in force in this version", await _folder.FailOnceAsync(json));
    }

    [Fact]
    public async Task What_is_not_in_force_is_still_read_strictly()
    {
        _folder.Write("""{ "Admin": { "Tls": { "Key": 1 } }, "Tls": { "Key": 1 } }""");

        var told = await _folder.FailAsync();

        Assert.Contains(told, error => error.StartsWith("relay.json:1: Admin:Tls:Key: unknown key; ", StringComparison.Ordinal));
        Assert.Contains(told, error => error.StartsWith("relay.json:1: Tls:Key: unknown key; ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{ "Trusted": ["10.1"] }""", ":Trusted:0: \"10.1\" is not a network: write one like 10.0.0.0/8, 192.0.2.7 or 2001:db8::/32")]
    [InlineData("""{ "Trusted": ["10.0.0.1/24"] }""", ":Trusted:0: \"10.0.0.1/24\" has bits set behind its prefix: write 10.0.0.0/24, or the single address without a prefix")]
    [InlineData("""{ "Trusted": ["10.0.0.0/8", "0.0.0.0/0"] }""", ":Trusted:1: 0.0.0.0/0 is everybody: name the balancers")]
    [InlineData("""{ "Trusted": ["::/0"] }""", ":Trusted:0: ::/0 is everybody: name the balancers")]
    [InlineData("""{ "Trusted": [] }""", ":Trusted: needs at least one balancer's address, like 192.0.2.10 or 10.0.0.0/24")]
    [InlineData("{ }", ":Trusted: needs at least one balancer's address, like 192.0.2.10 or 10.0.0.0/24")]
    [InlineData("""{ "Trusted": ["10.0.0.1"], "Trusty": 1 }""", ":Trusty: unknown key; did you mean Listeners:0:ProxyProtocol:Trusted?")]
    public async Task Balancers_are_named_exactly(string section, string told) => Assert.Equal(
        $"relay.json:1: Listeners:0:ProxyProtocol{told}",
        await _folder.FailOnceAsync($$"""{ "Listeners": [ { "ProxyProtocol": {{section}} } ] }"""));

    [Theory]
    [InlineData("0s", 0)]
    [InlineData("10s", 10)]
    public async Task A_notice_may_be_none(string text, int seconds)
    {
        _folder.Write($$"""{ "Node": { "DrainNotice": "{{text}}" }, "Listeners": [ { "ProxyProtocol": { "Trusted": ["192.0.2.10"] } } ] }""");

        Assert.Equal(TimeSpan.FromSeconds(seconds), (await _folder.LoadAsync()).DrainNotice);
    }

    [Fact]
    public async Task Balancers_are_addresses_and_networks()
    {
        _folder.Write("""{ "Listeners": [ { "ProxyProtocol": { "Trusted": ["192.0.2.10", "10.0.0.0/24", "2001:db8::/64"] } } ] }""");

        var balancers = (await _folder.LoadAsync()).Listeners[0].ProxyProtocol!;
        Assert.Equal(["192.0.2.10", "10.0.0.0/24", "2001:db8::/64"], balancers.Trusted.Select(static range => range.ToString()));
        Assert.True(balancers.Trusts(IPAddress.Parse("::ffff:10.0.0.7")));
        Assert.False(balancers.Trusts(IPAddress.Parse("10.0.1.7")));
    }

    [Theory]
    [InlineData("Admin", "0.0.0.0:8025")]
    [InlineData("Admin", "[::]:8025")]
    [InlineData("Admin", "192.0.2.1:8025")]
    [InlineData("Cluster", "192.0.2.1:4053")]
    public async Task Plaintext_beyond_loopback_needs_leave(string section, string address)
    {
        Assert.Equal(
            $"relay.json:1: {section}:Address: {address} is not a loopback address: only with \"AllowPlaintext\": true in {section}",
            await _folder.FailOnceAsync($$"""{ "{{section}}": { "Address": "{{address}}" } }"""));

        _folder.Write($$"""{ "{{section}}": { "Address": "{{address}}", "AllowPlaintext": true } }""");
        var settings = await _folder.LoadAsync();
        Assert.Equal(address, (section == "Admin" ? settings.Admin.Address : settings.Cluster.Address).ToString());
    }

    [Theory]
    [InlineData("127.0.0.2:1")]
    [InlineData("[::1]:1")]
    [InlineData("[::ffff:127.0.0.1]:1")]
    public async Task Loopback_needs_no_leave(string address)
    {
        _folder.Write($$"""{ "Admin": { "Address": "{{address}}" } }""");

        Assert.Equal(1, (await _folder.LoadAsync()).Admin.Address.Port);
    }

    [Theory]
    [InlineData("0.0.0.0:4053")]
    [InlineData("[::]:4053")]
    public async Task A_cluster_address_must_name_a_machine(string address)
    {
        Assert.Equal(
            $"relay.json:1: Cluster:Address: {address} names no machine: give the address at which the other nodes reach this one",
            await _folder.FailOnceAsync($$"""{ "Cluster": { "Address": "{{address}}", "AllowPlaintext": true } }"""));
    }

    [Theory]
    [InlineData("""["127.0.0.1:2"]""", "Seeds: lacks 127.0.0.1:1, this node's own Address: every node has the same list of all nodes")]
    [InlineData("""["127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:2"]""", "Seeds:2: 127.0.0.1:2 is there twice")]
    [InlineData("""["127.0.0.1:1", "0.0.0.0:2"]""", "Seeds:1: 0.0.0.0:2 names no machine")]
    [InlineData("""["127.0.0.1:1", "127.0.0.1:0"]""", "Seeds:1: \"127.0.0.1:0\" needs a port from 1 to 65535")]
    public async Task Seeds_are_all_nodes_each_once_and_this_one_too(string seeds, string error) => Assert.Equal(
        $"relay.json:1: Cluster:{error}", await _folder.FailOnceAsync($$"""{ "Cluster": { "Address": "127.0.0.1:1", "Seeds": {{seeds}} } }"""));

    [Fact]
    public async Task With_seeds_a_node_has_a_port_that_the_others_know() => Assert.Equal(
        "relay.json:1: Cluster:Address: 127.0.0.1:0 is a free port: with Seeds the others must know which, so give one",
        await _folder.FailOnceAsync("""{ "Cluster": { "Seeds": ["127.0.0.1:1"] } }"""));

    [Theory]
    [InlineData("""["rely"]""", "Roles:0: \"rely\" is no role; did you mean relay?")]
    [InlineData("""["admin"]""", "Roles:0: \"admin\" is no role; a node is \"relay\" or \"witness\"")]
    [InlineData("""["client"]""", "Roles:0: \"client\" is for programs that join the cluster: a node is \"relay\" or \"witness\"")]
    [InlineData("[]", "Roles: must be one role: a node is \"relay\" or \"witness\"")]
    [InlineData("""["relay", "witness"]""", "Roles: must be one role: a node is \"relay\" or \"witness\"")]
    public async Task A_node_has_one_role_that_there_is(string roles, string error) => Assert.Equal(
        $"relay.json:1: Cluster:{error}", await _folder.FailOnceAsync($$"""{ "Cluster": { "Roles": {{roles}} } }"""));

    [Fact]
    public async Task A_witness_has_no_listeners()
    {
        _folder.Write("""{ "Cluster": { "Roles": ["witness"] } }""");
        Assert.Empty((await _folder.LoadAsync()).Listeners);

        Assert.Equal(
            "relay.json:1: Listeners: a witness takes no mail: leave Listeners out",
            await _folder.FailOnceAsync("""{ "Cluster": { "Roles": ["witness"] }, "Listeners": [ { "Name": "a" } ] }"""));
    }

    [Fact]
    public async Task Nodes_with_a_certificate_say_who_vouches_for_it_and_may_leave_loopback()
    {
        Assert.Equal(
            "relay.json:1: Cluster:Tls: needs Cluster:Tls:AuthoritiesFile",
            await _folder.FailOnceAsync("""{ "Cluster": { "Tls": { "CertificateFile": "n.pem", "KeyFile": "n.key" } } }"""));

        _folder.Write("""
            { "Cluster": { "Address": "192.0.2.1:4053", "Tls": { "CertificateFile": "n.pem", "KeyFile": "n.key", "AuthoritiesFile": "ca.pem" } } }
            """);
        Assert.Equal("192.0.2.1:4053", (await _folder.LoadAsync()).Cluster.Address.ToString());
    }

    [Theory]
    [InlineData("eth 1")]
    [InlineData("eth/1")]
    [InlineData("eth1:0")]
    [InlineData("..")]
    [InlineData("a-name-of-16-oct")]
    public async Task A_device_has_a_name_that_a_device_can_have(string device) => Assert.Equal(
        $"relay.json:1: Listeners:0:Device: \"{device}\" is no name of a network device, like eth1",
        await _folder.FailOnceAsync($$"""{ "Listeners": [ { "Device": "{{device}}" } ] }"""));

    [Fact]
    public async Task Two_devices_may_share_an_address_and_a_device_and_none_may_not()
    {
        _folder.Write("""
            { "Listeners": [ { "Name": "a", "Address": "0.0.0.0:1", "Device": "eth0" }, { "Name": "b", "Address": "0.0.0.0:1", "Device": "eth1" } ] }
            """);
        Assert.Equal(["eth0", "eth1"], (await _folder.LoadAsync()).Listeners.Select(listener => listener.Device));

        foreach (var other in (string[])["", ", \"Device\": \"eth0\""])
        {
            Assert.Equal(
                "relay.json:1: Listeners:1:Address: 0.0.0.0:1 is the address of Listeners:0 too",
                await _folder.FailOnceAsync(
                    $$"""{ "Listeners": [ { "Name": "a", "Address": "0.0.0.0:1", "Device": "eth0" }, { "Name": "b", "Address": "0.0.0.0:1"{{other}} } ] }"""));
        }
    }

    [Theory]
    [InlineData("a", "A")]
    [InlineData("a", "a")]
    public async Task Two_listeners_have_two_names(string first, string second)
    {
        var told = await _folder.FailOnceAsync(
            $$"""{ "Listeners": [ { "Name": "{{first}}" }, { "Name": "{{second}}", "Address": "127.0.0.1:2" } ] }""");

        Assert.Equal($"relay.json:1: Listeners:1:Name: \"{second}\" is the name of Listeners:0 too", told);
    }

    [Fact]
    public async Task Two_listeners_have_two_addresses_unless_each_takes_a_free_port()
    {
        Assert.Equal(
            "relay.json:1: Listeners:1:Address: 127.0.0.1:1 is the address of Listeners:0 too",
            await _folder.FailOnceAsync(
                """{ "Listeners": [ { "Name": "a", "Address": "127.0.0.1:1" }, { "Name": "b", "Address": "[::ffff:127.0.0.1]:1" } ] }"""));

        _folder.Write("""{ "Listeners": [ { "Name": "a", "Address": "127.0.0.1:0" }, { "Name": "b", "Address": "127.0.0.1:0" } ] }""");
        Assert.Equal(2, (await _folder.LoadAsync()).Listeners.Count);
    }
}
