using System.Net;
using Relay.Node.Settings;

namespace Relay.Node.Tests.Settings;

public sealed class SettingsSourcesTests : IDisposable
{
    private readonly SettingsFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Nothing_at_all_gives_the_defaults()
    {
        var settings = await _folder.LoadAsync();

        Assert.Equal(Environment.MachineName, settings.Node.Name);
        Assert.Equal("mx.test.example", settings.Node.HostName);
        Assert.Equal(Path.Combine(_folder.Path, "data"), settings.Node.DataDirectory);
        Assert.Equal(TimeSpan.FromSeconds(30), settings.Node.DrainTime);
        var listener = Assert.Single(settings.Listeners);
        Assert.Equal(new ListenerSettings { Name = "default", Address = IPEndPoint.Parse("127.0.0.1:2525") }, listener);
        Assert.Equal((TlsMode.None, AuthenticationMode.None), (listener.Tls, listener.Authentication));
        Assert.Equal(IPEndPoint.Parse("127.0.0.1:8025"), settings.Admin.Address);
        Assert.Equal(IPEndPoint.Parse("127.0.0.1:0"), settings.Cluster.Address);
        Assert.Empty(settings.Cluster.Seeds);
        Assert.Equal(["relay"], settings.Cluster.Roles);
        Assert.Equal(20L * 1024 * 1024 * 1024, settings.Spool.QuotaBytes);
        Assert.Empty(settings.Dns.Servers);
        Assert.Null(settings.PolicyFile);
    }

    [Fact]
    public async Task Every_key_in_force_is_taken_from_the_file_with_comments_and_trailing_commas()
    {
        _folder.Write("""
            {
              // who
              "Node": { "Name": "a", "HostName": "MX-a.Relay.example", "DataDirectory": "var", "DrainTime": "5m" },
              "Listeners": [ { "Name": "public", "Address": "127.0.0.1:25", "Tls": "None", "Authentication": "None" },
                             { "Name": "six", "Address": "[::1]:0", }, ],
              "Admin": { "Address": "127.0.0.1:0", "AllowPlaintext": false },
              "Cluster": { "Address": "127.0.0.1:4053", "Seeds": ["127.0.0.1:4053"], "Roles": ["relay"], "AllowPlaintext": false },
              "Spool": { "QuotaBytes": "1 GiB" },
              "Dns": { "Servers": ["127.0.0.53:53", "[2001:db8::53]:53"] },
              /* mail */ "PolicyFile": "policy.json",
            }
            """);

        var settings = await _folder.LoadAsync();

        Assert.Equal(("a", "mx-a.relay.example"), (settings.Node.Name, settings.Node.HostName));
        Assert.Equal(TimeSpan.FromMinutes(5), settings.Node.DrainTime);
        Assert.Equal(["public 127.0.0.1:25", "six [::1]:0"], settings.Listeners.Select(listener => $"{listener.Name} {listener.Address}"));
        Assert.Equal(IPEndPoint.Parse("127.0.0.1:0"), settings.Admin.Address);
        Assert.Equal(IPEndPoint.Parse("127.0.0.1:4053"), settings.Cluster.Address);
        Assert.Equal(1L << 30, settings.Spool.QuotaBytes);
        Assert.Equal(["127.0.0.53:53", "[2001:db8::53]:53"], settings.Dns.Servers.Select(server => server.ToString()));
        Assert.Equal(Path.Combine(_folder.Path, "policy.json"), settings.PolicyFile);
    }

    [Fact]
    public async Task Environment_beats_the_file_and_the_command_line_beats_both()
    {
        _folder.Write("""{ "Node": { "Name": "file", "HostName": "file.example" }, "Spool": { "QuotaBytes": "1 GiB" } }""");

        var settings = await _folder.LoadAsync(
            overrides: ["Node:Name=line"],
            variables: ["RELAY_Node__Name=variable", "RELAY_Node__HostName=variable.example"]);

        Assert.Equal("line", settings.Node.Name);
        Assert.Equal("variable.example", settings.Node.HostName);
        Assert.Equal(1L << 30, settings.Spool.QuotaBytes);
    }

    [Fact]
    public async Task Of_two_overrides_of_a_key_the_later_wins()
    {
        var settings = await _folder.LoadAsync(overrides: ["Node:Name=one", "Node:Name=two"]);

        Assert.Equal("two", settings.Node.Name);
    }

    [Fact]
    public async Task Only_variables_with_prefix_and_double_underscore_are_settings()
    {
        var settings = await _folder.LoadAsync(
            variables: ["RELAY_HOME=x", "relay_Node__Name=x", "XRELAY_Node__Name=x", "RELAY_Node__Name=a", "PATH=/bin"]);

        Assert.Equal("a", settings.Node.Name);
    }

    [Fact]
    public async Task A_key_in_no_section_is_set_by_a_variable_with_two_underscores()
    {
        var settings = await _folder.LoadAsync(variables: ["RELAY__PolicyFile=p.json"]);

        Assert.Equal(Path.Combine(_folder.Path, "p.json"), settings.PolicyFile);
    }

    [Fact]
    public async Task Overrides_change_one_key_of_a_listener_and_add_listeners_in_the_order_of_their_numbers()
    {
        _folder.Write("""{ "Listeners": [ { "Name": "public", "Address": "127.0.0.1:25" } ] }""");
        var added = Enumerable.Range(1, 11).Reverse()
            .SelectMany(i => new[] { $"RELAY_Listeners__{i}__Name=n{i}", $"RELAY_Listeners__{i}__Address=127.0.0.1:{i}" });

        var settings = await _folder.LoadAsync(overrides: ["Listeners:0:Address=127.0.0.1:2500"], variables: [.. added]);

        Assert.Equal("public 127.0.0.1:2500", $"{settings.Listeners[0].Name} {settings.Listeners[0].Address}");
        Assert.Equal("n11 127.0.0.1:11", $"{settings.Listeners[11].Name} {settings.Listeners[11].Address}");
    }

    [Fact]
    public async Task Without_a_file_an_override_of_the_first_listener_keeps_its_other_defaults()
    {
        var settings = await _folder.LoadAsync(overrides: ["Listeners:0:Address=127.0.0.1:0"]);

        Assert.Equal("default 127.0.0.1:0", $"{settings.Listeners[0].Name} {settings.Listeners[0].Address}");
    }

    [Fact]
    public async Task Lists_can_be_overridden_whole_and_by_item()
    {
        _folder.Write("""{ "Dns": { "Servers": ["10.0.0.1:53", "10.0.0.2:53"] } }""");

        var whole = await _folder.LoadAsync(overrides: ["Dns:Servers=10.0.0.3:53, 10.0.0.4:53"]);
        var item = await _folder.LoadAsync(overrides: ["Dns:Servers:1=10.0.0.5:53"]);
        var both = await _folder.LoadAsync(
            overrides: ["Dns:Servers:0=10.0.0.9:53"], variables: ["RELAY_Dns__Servers=10.0.0.7:53,10.0.0.8:53"]);
        var none = await _folder.LoadAsync(overrides: ["Dns:Servers="]);

        Assert.Equal(["10.0.0.3:53", "10.0.0.4:53"], whole.Dns.Servers.Select(server => server.ToString()));
        Assert.Equal(["10.0.0.1:53", "10.0.0.5:53"], item.Dns.Servers.Select(server => server.ToString()));
        Assert.Equal(["10.0.0.9:53", "10.0.0.8:53"], both.Dns.Servers.Select(server => server.ToString()));
        Assert.Empty(none.Dns.Servers);
    }

    [Fact]
    public async Task Overrides_are_text_for_every_type()
    {
        var settings = await _folder.LoadAsync(
            overrides: ["Admin:Address=192.0.2.1:80", "Admin:AllowPlaintext=true", "Spool:QuotaBytes=64 MiB", "Node:DrainTime=1h"]);

        Assert.True(settings.Admin.AllowPlaintext);
        Assert.Equal(64L << 20, settings.Spool.QuotaBytes);
        Assert.Equal(TimeSpan.FromHours(1), settings.Node.DrainTime);
    }

    [Fact]
    public async Task Relative_paths_are_relative_to_the_settings_file_wherever_they_are_set()
    {
        Directory.CreateDirectory(Path.Combine(_folder.Path, "etc"));
        _folder.Write("""{ "PolicyFile": "p.json", "Node": { "DataDirectory": "/var/relay" } }""", "etc/a.json");

        var fromFile = await _folder.LoadAsync("etc/a.json");
        var overridden = await _folder.LoadAsync("etc/a.json", overrides: ["Node:DataDirectory=d"]);

        Assert.Equal(Path.Combine(_folder.Path, "etc", "p.json"), fromFile.PolicyFile);
        Assert.Equal("/var/relay", fromFile.Node.DataDirectory);
        Assert.Equal(Path.Combine(_folder.Path, "etc", "d"), overridden.Node.DataDirectory);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("a b.c")]
    public async Task A_machine_without_a_usable_full_name_is_localhost(string? found)
    {
        var settings = await SettingsLoader.LoadAsync(
            new SettingsSources { WorkingDirectory = _folder.Path, FindHostName = _ => Task.FromResult(found) }, CancellationToken.None);

        Assert.Equal("localhost.localdomain", settings.Node.HostName);
    }

    [Fact]
    public async Task A_machine_knows_what_it_is_called()
    {
        var settings = await SettingsLoader.LoadAsync(new SettingsSources { WorkingDirectory = _folder.Path }, CancellationToken.None);

        Assert.Contains('.', settings.Node.HostName);
    }

    [Fact]
    public async Task The_machine_is_not_asked_for_its_name_when_the_settings_have_one()
    {
        var settings = await SettingsLoader.LoadAsync(
            new SettingsSources
            {
                WorkingDirectory = _folder.Path,
                Overrides = [KeyValuePair.Create("Node:HostName", "mx.example")],
                FindHostName = _ => throw new InvalidOperationException("asked"),
            },
            CancellationToken.None);

        Assert.Equal("mx.example", settings.Node.HostName);
    }
}
