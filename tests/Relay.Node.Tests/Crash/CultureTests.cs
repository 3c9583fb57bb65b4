using System.Net;
using System.Text.Json;
using Relay.TestKit.Smtp;

namespace Relay.Node.Tests.Crash;

/// <summary>Verdicts of the program itself under other languages and with the machine's wish for another globalization mode: the same, to the letter.</summary>
public sealed class CultureTests : IDisposable
{
    // I and i are each other's capitals everywhere but in Turkish, where I belongs to a dotless and a dotted letter of their own.
    private static readonly string[] Recipients =
    [
        "u@info.example", "u@INFO.example", "u@Info.Example", "u@\u0130nfo.example", "u@\u0131nfo.example", "u@sub.INFO.example", "u@mail.example", "u@MAIL.EXAMPLE",
        "I@info.example", "i@info.example", "\u0130@info.example", "POSTMASTER", "postmaster", "PostMast\u0130r", "u@b\u00fccher.example", "u@B\u00dcCHER.example",
        "u@xn--bcher-kva.example", "u@XN--BCHER-KVA.example", "u@stra\u00dfe.example", "u@strasse.example", "u@victim.example", "u@[127.0.0.1]", "u@[IPv6:::1]",
    ];

    private static readonly string[][] Environments =
    [
        ["LANG=C", "LC_ALL=C"],
        ["LANG=tr_TR.UTF-8", "LC_ALL=tr_TR.UTF-8"],
        ["LANG=tr_TR.UTF-8", "LC_ALL=tr_TR.UTF-8", "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=0"],
        ["LANG=az_AZ.UTF-8", "LC_ALL=az_AZ.UTF-8", "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1", "DOTNET_SYSTEM_GLOBALIZATION_PREDEFINED_CULTURES_ONLY=0"],
        ["LANG=", "LC_ALL=", "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=false"],
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory("relay-culture-").FullName;

    public CultureTests()
    {
        File.WriteAllText(
            Path.Combine(_folder, "policy.json"),
            """
            {
              "acceptedDomains": ["INFO.example", ".info.example", "bücher.example", "straße.example", "mail.example"],
              "relay": { "never": ["10.0.0.0/8"] },
              "routes": [ { "domain": "BÜCHER.example", "to": "smtp://books.host.example" }, { "domain": "info.EXAMPLE", "to": "smtp://mail.info.example" } ],
            }
            """.Replace("BÜCHER", "xn--bcher-kva", StringComparison.Ordinal));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task The_program_fixes_its_globalization_mode_itself()
    {
        var file = Path.Combine(AppContext.BaseDirectory, "relay.runtimeconfig.json");
        using var configuration = JsonDocument.Parse(await File.ReadAllTextAsync(file));
        Assert.True(configuration.RootElement.GetProperty("runtimeOptions").GetProperty("configProperties").GetProperty("System.Globalization.Invariant").GetBoolean());
    }

    [Fact]
    public async Task Policy_explains_the_same_under_every_environment()
    {
        foreach (var to in (string[])["u@INFO.example", "u@\u0130nfo.example", "u@\u0131nfo.example", "u@b\u00fccher.example", "u@sub.INFO.example"])
        {
            var told = new List<string>();
            foreach (var environment in Environments)
            {
                var (code, output) = await RelayProcess.RunWithAsync(
                    environment, "policy", "explain", "--file", $"{_folder}/policy.json", "--client", "192.0.2.7", "--listener", "default", "--from", "a@b.example", "--to", to);
                told.Add($"{code} {output}");
            }

            Assert.Single(told.Distinct());
        }
    }

    [Fact]
    public async Task A_node_decides_the_same_under_every_environment()
    {
        var told = new List<string>();
        foreach (var (i, environment) in Environments.Index())
        {
            await using var relay = await RelayProcess.StartWithAsync(
                environment,
                "run", $"--Node:DataDirectory={_folder}/{i}", $"--PolicyFile={_folder}/policy.json", "--Admin:Address=127.0.0.1:0", "--Listeners:0:Address=127.0.0.1:0");
            told.Add(await VerdictsAsync(relay.Smtp));
        }

        Assert.Single(told.Distinct());
        var lines = told[0].Split('\n');
        foreach (var (recipient, code) in new[]
        {
            ("u@INFO.example", 250), ("u@info.example", 250), ("u@sub.INFO.example", 250), ("u@MAIL.EXAMPLE", 250), ("POSTMASTER", 250), ("u@b\u00fccher.example", 250),
            ("u@XN--BCHER-KVA.example", 250), ("u@strasse.example", 550), ("u@victim.example", 550),
        })
        {
            Assert.Contains(lines, line => line.StartsWith($"{recipient}: {code} ", StringComparison.Ordinal));
        }

        // The dotted and the dotless letter are neither i nor I: no address at all, or not ours.
        Assert.DoesNotContain(lines, line => line.StartsWith("u@\u0131nfo.example: 250", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, line => line.StartsWith("u@\u0130nfo.example: 250", StringComparison.Ordinal));
    }

    private static async Task<string> VerdictsAsync(IPEndPoint smtp)
    {
        var replies = new List<string>();
        foreach (var recipient in Recipients)
        {
            await using var client = await SmtpTestClient.GreetAsync(smtp);
            (await client.CommandAsync("MAIL FROM:<a@b.example> SMTPUTF8")).MustBe(250);
            replies.Add($"{recipient}: {await client.CommandAsync($"RCPT TO:<{recipient}>")}");
        }

        return string.Join('\n', replies);
    }
}
