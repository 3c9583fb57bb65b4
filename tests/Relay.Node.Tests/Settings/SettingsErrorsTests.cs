using Relay.Node.Settings;

namespace Relay.Node.Tests.Settings;

public sealed class SettingsErrorsTests : IDisposable
{
    private readonly SettingsFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("""{ "Nod": {} }""", "relay.json:1: Nod: unknown key; did you mean Node?")]
    [InlineData("""{ "Admin": { "Adress": "x" } }""", "relay.json:1: Admin:Adress: unknown key; did you mean Admin:Address?")]
    [InlineData("""{ "admin": {} }""", "relay.json:1: admin: unknown key; did you mean Admin?")]
    [InlineData("""{ "Spool": { "Colour": 1 } }""", "relay.json:1: Spool:Colour: unknown key; known here: QuotaBytes, SenderShareBytes")]
    [InlineData(
        """{ "Listeners": [ { "Naem": "x" } ] }""", "relay.json:1: Listeners:0:Naem: unknown key; did you mean Listeners:0:Name?")]
    [InlineData(
        """{ "\u001b[2J": 1 }""",
        @"relay.json:1: \u001b[2J: unknown key; known here: Node, Listeners, Tls, Admin, Cluster, Spool, Dns, Log, PolicyFile")]
    public async Task An_unknown_key_is_named_with_the_nearest_valid_one(string json, string error)
    {
        Assert.Equal(error, await _folder.FailOnceAsync(json));
    }

    [Theory]
    [InlineData("""{ "Node": { "Name": 7 } }""", "Node:Name: expected text in quotes, found 7")]
    [InlineData("""{ "Node": { "Name": null } }""", "Node:Name: expected text in quotes, found null")]
    [InlineData("""{ "Node": { "Name": "" } }""", "Node:Name: must not be empty")]
    [InlineData("""{ "Node": { "Name": "a b" } }""", "Node:Name: \"a b\" is no name: 1 to 64 letters, digits, '.', '-' or '_'")]
    [InlineData("""{ "Node": { "HostName": "a..b" } }""", "Node:HostName: \"a..b\" is no host name, like mx.relay.example")]
    [InlineData("""{ "Node": { "DataDirectory": "a\u0000b" } }""", "Node:DataDirectory: is no path: it holds a NUL")]
    [InlineData("""{ "Node": { "DrainTime": 30 } }""", "Node:DrainTime: expected a time like \"30s\", found 30")]
    [InlineData("""{ "Node": { "DrainTime": "2h" } }""", "Node:DrainTime: must be at most 1h")]
    [InlineData("""{ "Node": { "DrainNotice": "11m" } }""", "Node:DrainNotice: must be at most 10m")]
    [InlineData("""{ "Node": [] }""", "Node: expected a section in { }, found a list")]
    [InlineData("""{ "Listeners": {} }""", "Listeners: expected a list in [ ], found a section")]
    [InlineData("""{ "Listeners": [ "127.0.0.1:25" ] }""", "Listeners:0: expected a section in { }, found \"127.0.0.1:25\"")]
    [InlineData("""{ "Listeners": [] }""", "Listeners: needs at least one listener")]
    [InlineData("""{ "Admin": { "AllowPlaintext": "true" } }""", "Admin:AllowPlaintext: expected true or false, found \"true\"")]
    [InlineData("""{ "Spool": { "QuotaBytes": true } }""", "Spool:QuotaBytes: expected a size like \"20 GiB\", found true")]
    [InlineData("""{ "Spool": { "QuotaBytes": 4096 } }""", "Spool:QuotaBytes: must be at least 40 MiB")]
    [InlineData("""{ "Spool": { "SenderShareBytes": "21 GiB" } }""", "Spool:SenderShareBytes: must be at most QuotaBytes, 20 GiB")]
    [InlineData("""{ "Log": { "QuotaBytes": "31 MiB" } }""", "Log:QuotaBytes: must be at least 32 MiB")]
    [InlineData("""{ "Dns": { "Servers": "127.0.0.53:53" } }""", "Dns:Servers: expected a list in [ ], found \"127.0.0.53:53\"")]
    [InlineData("""{ "Dns": { "Servers": ["127.0.0.53:0"] } }""", "Dns:Servers:0: \"127.0.0.53:0\" needs a port from 1 to 65535")]
    [InlineData(
        """{ "Listeners": [ { "Tls": "none" } ] }""",
        "Listeners:0:Tls: expected one of None, Offered, Required, Implicit, found \"none\"")]
    [InlineData("""{ "Listeners": [ { "Tls": 0 } ] }""", "Listeners:0:Tls: expected one of None, Offered, Required, Implicit, found 0")]
    public async Task A_value_of_the_wrong_type_or_range_is_explained(string json, string error)
    {
        Assert.Equal("relay.json:1: " + error, await _folder.FailOnceAsync(json));
    }

    [Theory]
    [InlineData("20 GB", "\"20 GB\" is not a size")]
    [InlineData("1.5 GiB", "\"1.5 GiB\" is not a size")]
    public async Task A_size_is_written_as_in_the_policy(string size, string error)
    {
        var told = await _folder.FailOnceAsync($$"""{ "Spool": { "QuotaBytes": "{{size}}" } }""");

        Assert.StartsWith("relay.json:1: Spool:QuotaBytes: " + error, told);
    }

    [Theory]
    [InlineData("localhost:25", "is not an IP address and port, like 127.0.0.1:25 or [::1]:25")]
    [InlineData("127.0.0.1", "is not an IP address and port, like 127.0.0.1:25 or [::1]:25")]
    [InlineData("127.1:25", "is not an IP address and port, like 127.0.0.1:25 or [::1]:25")]
    [InlineData("010.0.0.1:25", "is not an IP address and port, like 127.0.0.1:25 or [::1]:25")]
    [InlineData("::1:25", "is not an IP address and port, like 127.0.0.1:25 or [::1]:25")]
    [InlineData("[127.0.0.1]:25", "is not an IP address and port, like 127.0.0.1:25 or [::1]:25")]
    [InlineData("[[::1]]:25", "is not an IP address and port, like 127.0.0.1:25 or [::1]:25")]
    [InlineData(":25", "is not an IP address and port, like 127.0.0.1:25 or [::1]:25")]
    [InlineData("127.0.0.1:65536", "has no port from 0 to 65535")]
    [InlineData("127.0.0.1:-1", "has no port from 0 to 65535")]
    [InlineData("127.0.0.1: 25", "has no port from 0 to 65535")]
    [InlineData("127.0.0.1:", "has no port from 0 to 65535")]
    public async Task An_address_is_an_ip_address_and_a_port(string address, string error)
    {
        Assert.Equal(
            $"relay.json:1: Listeners:0:Address: \"{address}\" {error}",
            await _folder.FailOnceAsync($$"""{ "Listeners": [ { "Address": "{{address}}" } ] }"""));
    }

    [Theory]
    [InlineData("[]", 1, "expected a section in { }, found a list")]
    [InlineData("", 1, "not JSON: ")]
    [InlineData("{\n  \"Node\": {\n    \"Name\" \"a\"\n  }\n}", 3, "not JSON: ")]
    [InlineData("{\n} {", 2, "not JSON: ")]
    [InlineData("{\n  \"Node\": {", 2, "not JSON: ")]
    public async Task A_file_that_is_no_settings_file_is_an_error_with_its_line(string text, int line, string error)
    {
        var told = await _folder.FailOnceAsync(text);

        Assert.StartsWith($"relay.json:{line}: {error}", told);
        Assert.DoesNotContain("LineNumber", told);
    }

    [Fact]
    public async Task Deep_nesting_and_bytes_that_are_no_text_are_errors()
    {
        Assert.StartsWith("relay.json:1: not JSON: ", await _folder.FailOnceAsync(new string('[', 1000)));

        await File.WriteAllBytesAsync(Path.Combine(_folder.Path, "relay.json"), [.. "{ \"Node\": { \"Name\": \""u8, 0xFF, .. "\" } }"u8]);
        Assert.Equal(["relay.json: not UTF-8 text"], await _folder.FailAsync());
    }

    [Fact]
    public async Task Half_a_character_in_an_escape_is_an_error_with_its_line()
    {
        const string error = "relay.json:2: not JSON: an escape \\u stands for half a character";

        Assert.Equal(error, await _folder.FailOnceAsync("""
            { "Node":
              { "Name": "\ud800" } }
            """));
        Assert.Equal(error, await _folder.FailOnceAsync("""
            { "Node": {
                "\udc00": 1 } }
            """));
    }

    [Fact]
    public async Task Damaged_files_are_explained_or_taken_but_never_a_crash()
    {
        var whole = """
            { // comment
              "Node": { "Name": "a", "DrainTime": "5m" }, "Listeners": [ { "Name": "p\u0061", "Address": "[::1]:25", "Tls": "None" } ],
              "Cluster": { "Seeds": [], "Roles": ["relay"] }, "Spool": { "QuotaBytes": 1e9 }, "Dns": { "Servers": ["127.0.0.53:53"] } }
            """u8.ToArray();
        var random = new Random(20261124);
        for (var round = 0; round < 3000; round++)
        {
            byte[] damaged = [.. whole];
            for (var hits = random.Next(1, 5); hits > 0; hits--)
            {
                damaged[random.Next(damaged.Length)] = "\"\\{}[]:,u/0\n\uFFFD"u8[random.Next(14)];
            }

            await File.WriteAllBytesAsync(Path.Combine(_folder.Path, "relay.json"), damaged[..random.Next(damaged.Length)]);
            var thrown = await Record.ExceptionAsync(() => _folder.LoadAsync());
            Assert.True(thrown is null or SettingsException { Errors.Count: > 0 }, $"round {round}: {thrown}");
        }
    }

    [Fact]
    public async Task Two_wrong_addresses_are_two_errors_and_no_more()
    {
        _folder.Write("""{ "Listeners": [ { "Name": "a", "Address": "x" }, { "Name": "b", "Address": "y" }, { "Name": "c" } ] }""");

        Assert.Equal(2, (await _folder.FailAsync()).Length);
    }

    [Fact]
    public async Task A_file_that_is_too_large_is_an_error()
    {
        Assert.Equal("relay.json: is larger than 1 MiB", await _folder.FailOnceAsync("{}" + new string(' ', 1 << 20)));
    }

    [Fact]
    public async Task A_byte_order_mark_is_no_error()
    {
        byte[] marked = [0xEF, 0xBB, 0xBF, .. "{ \"Node\": { \"Name\": \"a\" } }"u8];
        await File.WriteAllBytesAsync(Path.Combine(_folder.Path, "relay.json"), marked);

        Assert.Equal("a", (await _folder.LoadAsync()).Node.Name);
    }

    [Fact]
    public async Task A_named_file_must_be_there_and_be_a_file()
    {
        Directory.CreateDirectory(Path.Combine(_folder.Path, "sub"));

        Assert.Equal(["none.json: no such file"], await _folder.FailAsync("none.json"));
        Assert.Equal(["none/none.json: no such file"], await _folder.FailAsync("none/none.json"));
        Assert.Equal(["sub: is a folder"], await _folder.FailAsync("sub"));
    }

    [Fact]
    public async Task A_key_that_is_there_twice_is_an_error()
    {
        var told = await _folder.FailOnceAsync("""
            {
              "Node": { "Name": "a",

                        "Name": "b" }
            }
            """);

        Assert.Equal("relay.json:4: Node:Name: is there twice; the first is in line 2", told);
    }

    [Fact]
    public async Task Every_error_is_told_in_the_order_of_file_environment_and_command_line()
    {
        _folder.Write("""
            {
              "PolicyFile": 3,
              "Node": {
                "Name": 4,
                "Colour": "red"
              }
            }
            """);

        var told = await _folder.FailAsync(
            overrides: ["Nod:Name=x", "Node:DrainTime=x"], variables: ["RELAY_Spool__QuotaBytes=x", "RELAY_Nope__A=1"]);

        Assert.Equal("relay.json:2: PolicyFile: expected text in quotes, found 3", told[0]);
        Assert.Equal("relay.json:4: Node:Name: expected text in quotes, found 4", told[1]);
        Assert.StartsWith("relay.json:5: Node:Colour: unknown key; ", told[2]);
        Assert.StartsWith("RELAY_Spool__QuotaBytes: Spool:QuotaBytes: \"x\" is not a size", told[3]);
        Assert.Equal("RELAY_Nope__A: Nope: unknown key; did you mean Node?", told[4]);
        Assert.StartsWith("command line: Node:DrainTime: \"x\" is not a time", told[5]);
        Assert.Equal("command line: Nod: unknown key; did you mean Node?", told[6]);
        Assert.Equal(7, told.Length);
    }

    [Theory]
    [InlineData("Listeners:2:Name=x", "command line: Listeners:2: there is no such item; a new one would be Listeners:0")]
    [InlineData("Node::Name=x", "command line: Node::Name: is no key: a part of it is empty")]
    [InlineData("Listeners:Name=x", "command line: Listeners: expected a list in [ ], found a section")]
    [InlineData("Node=x", "command line: Node: expected a section in { }, found \"x\"")]
    [InlineData("Node:Name:0=x", "command line: Node:Name: expected text in quotes, found a list")]
    [InlineData("Admin:AllowPlaintext=yes", "command line: Admin:AllowPlaintext: expected true or false, found \"yes\"")]
    public async Task An_override_that_does_not_fit_is_explained(string assignment, string error)
    {
        Assert.Equal([error], await _folder.FailAsync(overrides: [assignment]));
    }

    [Fact]
    public void An_error_without_a_key_or_a_line_leaves_them_out()
    {
        Assert.Equal("f: m", new SettingsError("f", null, "", "m").ToString());
        Assert.Equal("f: K: m", new SettingsError("f", null, "K", "m").ToString());
        Assert.Equal("f:3: K: m", new SettingsError("f", 3, "K", "m").ToString());
    }
}
