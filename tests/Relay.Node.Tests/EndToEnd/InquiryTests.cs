using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Relay.Actors.Metrics;
using Relay.Actors.Policy;
using Relay.Node.CommandLine.Api;
using Relay.Node.Composition;
using Relay.Node.Inquiries;
using Relay.TestKit.Dns;
using Relay.TestKit.Smtp;

namespace Relay.Node.Tests.EndToEnd;

/// <summary>What DNS says of clients and senders, over real sockets: who is refused, who waits, and who does not.</summary>
public sealed class InquiryTests : IAsyncLifetime
{
    private const string Zone = "list.example";

    /// <summary>For machines that are busy: no test but those of silence waits for it.</summary>
    private static readonly InquiryLimits Patient = new()
    {
        ListTime = TimeSpan.FromMinutes(1),
        NameTime = TimeSpan.FromMinutes(1),
        SenderTime = TimeSpan.FromMinutes(1),
    };

    private static readonly IPAddress Listed = IPAddress.Parse("127.0.0.9");
    private static readonly byte[] Content = "Subject: x\r\n\r\nx\r\n"u8.ToArray();

    private readonly StubNameServer _dns = StubNameServer.Start();
    private readonly ReceivedMail _mail = ReceivedMail.Start();

    public Task InitializeAsync()
    {
        _dns.Addresses($"2.0.0.127.{Zone}", "127.0.0.2").Addresses($"9.0.0.127.{Zone}", "127.0.0.4").Mx("b.example", "10 mx.example");
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _mail.DisposeAsync();
        await _dns.DisposeAsync();
    }

    [Theory]
    [InlineData("reject", 550)]
    [InlineData("defer", 450)]
    public async Task A_listed_client_is_refused_and_reaches_our_postmaster_all_the_same(string action, int code)
    {
        await using var node = await StartAsync(Lists(action));
        await using var client = await SmtpTestClient.GreetAsync(node.Smtp, from: Listed);
        (await client.CommandAsync("MAIL FROM:<a@b.example>")).MustBe(250);
        (await client.CommandAsync("RCPT TO:<u@relay.example>")).MustBe(code);
        (await client.CommandAsync("RCPT TO:<postmaster@relay.example>")).MustBe(250);
        (await client.CommandAsync("RCPT TO:<postmaster>")).MustBe(250);
        await MustAcceptAsync(node, from: IPAddress.Parse("127.0.0.10"));
    }

    [Theory]
    [InlineData("127.0.0.5")] // an answer that policy does not name
    [InlineData("127.255.255.254")] // "you ask too much"
    [InlineData("203.0.113.80")] // a name that somebody else has bought
    public async Task Only_the_answers_that_policy_names_count(string answer)
    {
        _dns.Addresses($"9.0.0.127.{Zone}", answer);
        await using var node = await StartAsync(Lists("reject"));
        await MustAcceptAsync(node, Listed);
    }

    [Fact]
    public async Task A_list_that_lists_the_world_refuses_nobody()
    {
        _dns.Addresses($"1.0.0.127.{Zone}", "127.0.0.4");
        await using var node = await StartAsync(Lists("reject"));
        await MustAcceptAsync(node, Listed);
    }

    [Fact]
    public async Task A_dead_list_lets_everyone_in_after_its_time()
    {
        _dns.Set($"9.0.0.127.{Zone}", DnsType.A, DnsReply.Silence);
        await using var node = await StartAsync(Lists("reject"), Patient with { ListTime = TimeSpan.FromMilliseconds(500) });
        await MustAcceptAsync(node, Listed);
    }

    [Fact]
    public async Task A_tarpit_makes_the_client_wait_and_takes_its_mail()
    {
        var wait = TimeSpan.FromMilliseconds(300);
        await using var node = await StartAsync(Lists("tarpit"), Patient with { TarpitTime = wait });
        await using var client = await SmtpTestClient.GreetAsync(node.Smtp, from: Listed);
        var since = Stopwatch.GetTimestamp();
        (await client.SendMessageAsync("a@b.example", ["u@relay.example"], Content)).MustBe(250);
        Assert.True(Stopwatch.GetElapsedTime(since) >= wait);
    }

    [Fact]
    public async Task A_senders_domain_is_told_apart_by_the_reply()
    {
        _dns.Mx("null.example", "0 .").Set("sick.example", DnsType.Any, DnsReply.Code(2)).Set("lying.example", DnsType.Any, DnsReply.Truncated);
        await using var node = await StartAsync(""" "senders": { "unknownDomains": "reject" } """);
        await using var client = await SmtpTestClient.GreetAsync(node.Smtp, from: Listed);
        foreach (var (sender, reply) in new[]
        {
            ("a@b.example", "250 "),
            ("", "250 "),
            ("a@none.example", "550 5.1.8 "),
            ("a@null.example", "550 5.7.27 "),
            ("a@sick.example", "451 4.4.3 "),
            ("a@lying.example", "451 4.4.3 "),
        })
        {
            (await client.CommandAsync($"MAIL FROM:<{sender}>")).MustBe(250);
            var answer = await client.CommandAsync("RCPT TO:<u@relay.example>");
            Assert.StartsWith(reply, answer.ToString(), StringComparison.Ordinal);
            (await client.CommandAsync("RSET")).MustBe(250);
        }
    }

    [Fact]
    public async Task Whoever_waits_for_a_slow_name_server_holds_up_nobody_else()
    {
        var release = new TaskCompletionSource();
        _dns.Set("slow.example", DnsType.Mx, DnsReply.Of(DnsRecord.Mx("slow.example", 10, "mx.example")).After(release.Task));
        await using var node = await StartAsync(""" "senders": { "unknownDomains": "reject" } """);
        await using var slow = await SmtpTestClient.GreetAsync(node.Smtp, from: Listed);
        var waiting = slow.CommandAsync("MAIL FROM:<a@slow.example>");
        await _dns.UntilAskedAsync("slow.example MX");
        for (var i = 10; i < 20; i++)
        {
            await MustAcceptAsync(node, IPAddress.Parse($"127.0.0.{i}"));
        }

        Assert.False(waiting.IsCompleted);
        release.SetResult();
        (await waiting).MustBe(250);
        (await slow.CommandAsync("RCPT TO:<u@relay.example>")).MustBe(250);
    }

    [Fact]
    public async Task Trusted_clients_do_not_wait_for_dead_name_servers()
    {
        _dns.Set("silent.example", DnsType.Any, DnsReply.Silence);
        await using var node = await StartAsync($$""" {{Lists("reject")}}, "senders": { "unknownDomains": "reject" }, "relay": { "networks": ["127.0.0.9"] } """);
        await using var client = await SmtpTestClient.GreetAsync(node.Smtp, from: Listed);
        (await client.SendMessageAsync("a@silent.example", ["u@relay.example"], Content)).MustBe(250);
        Assert.DoesNotContain("silent.example MX", _dns.Questions);
        Assert.DoesNotContain($"9.0.0.127.{Zone} A", _dns.Questions);
    }

    [Fact]
    public async Task A_proven_name_stands_in_the_Received_field_and_a_forged_one_does_not()
    {
        foreach (var (pointers, name) in new[] { ("9.0.0.127.in-addr.arpa", "host.isp.example"), ("10.0.0.127.in-addr.arpa", "trusted.example") })
        {
            _dns.Set(pointers, DnsType.ReverseName, DnsReply.Of(DnsRecord.HostName(pointers, name)));
        }

        _dns.Addresses("host.isp.example", "127.0.0.9").Addresses("trusted.example", "127.0.0.99");
        await using var node = await StartAsync(""" "clientNames": true """);
        await MustAcceptAsync(node, Listed);
        Assert.StartsWith(
            "Received: from client.example (host.isp.example [127.0.0.9])\r\n", ReceivedMail.Split(await _mail.NextAsync()).Received, StringComparison.Ordinal);
        await MustAcceptAsync(node, IPAddress.Parse("127.0.0.10"));
        Assert.StartsWith(
            "Received: from client.example ([127.0.0.10])\r\n", ReceivedMail.Split(await _mail.NextAsync()).Received, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_explanation_asks_DNS_and_tells_what_it_said()
    {
        await using var node = await StartAsync($$""" {{Lists("reject")}}, "senders": { "unknownDomains": "defer" } """);
        var listed = await ExplainAsync(node, "127.0.0.9", "a@b.example");
        Assert.Equal(("refuse", $"dnsBlocklists[\"{Zone}\"]"), (listed.Action, listed.Rule));
        Assert.Contains($"{Zone} lists 127.0.0.9: 127.0.0.4", listed.Steps.Select(step => step.Finding));
        Assert.Contains("b.example can take mail", listed.Steps.Select(step => step.Finding));
        var unknown = await ExplainAsync(node, "::ffff:127.0.0.10", "a@none.example");
        Assert.Equal(("defer", "senders.unknownDomains"), (unknown.Action, unknown.Rule));
        Assert.Contains($"{Zone} does not list 127.0.0.10", unknown.Steps.Select(step => step.Finding));
    }

    private static string Lists(string action) =>
        $$""" "dnsBlocklists": [ { "zone": "{{Zone}}", "answers": ["127.0.0.2", "127.0.0.4"], "action": "{{action}}" } ] """;

    private static async Task<ExplainAnswer> ExplainAsync(RunningNode node, string client, string sender) =>
        (await node.Api.GetFromJsonAsync<ExplainAnswer>($"/api/policy/explain?client={client}&listener=default&from={sender}&to=u@relay.example"))!;

    [Fact]
    public async Task An_address_of_our_own_that_is_listed_is_told()
    {
        await using var node = await StartAsync(Lists("log"));
        var inquirer = node.Services.GetRequiredService<MailHost>().Services.Inquirer;
        var policy = node.Services.GetRequiredService<PolicyAgent>();
        using var own = inquirer.Watch(new MeterScope(), [], () => policy.Current.DnsBlocklists);
        using var listed = inquirer.Watch(new MeterScope(), [Listed, IPAddress.Parse("127.0.0.10")], () => policy.Current.DnsBlocklists);
        await listed.LookAsync();
        Assert.Equal([(Zone, 1)], listed.Count().Select(static zone => (zone.Zone, zone.Listed)));
        Assert.Empty(own.Count());
    }

    private static async Task MustAcceptAsync(RunningNode node, IPAddress from)
    {
        await using var client = await SmtpTestClient.GreetAsync(node.Smtp, from: from);
        (await client.SendMessageAsync("a@b.example", ["u@relay.example"], Content)).MustBe(250);
    }

    private Task<RunningNode> StartAsync(string rules, InquiryLimits? limits = null) => RunningNode.StartAsync(
        $$"""
        {
          "acceptedDomains": ["relay.example"],
          "routes": [ { "domain": "*", "to": "smtp://{{_mail.Sink.BoundEndPoint}}" } ],
          {{rules}}
        }
        """,
        _dns.EndPoint,
        25,
        limits ?? Patient);
}
