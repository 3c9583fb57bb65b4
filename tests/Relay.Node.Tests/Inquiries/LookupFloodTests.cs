using Relay.Node.Inquiries;
using Relay.Policy.Findings;
using Relay.TestKit.Dns;

namespace Relay.Node.Tests.Inquiries;

/// <summary>Whoever makes DNS look-ups that never end makes himself wait: lists, their tests and everybody else's names and domains go on.</summary>
public sealed class LookupFloodTests
{
    private const string Zone = "list.example";

    [Fact]
    public async Task A_network_whose_name_servers_are_silent_waits_for_itself()
    {
        await using var bench = new InquiryBench().List(Zone).Named("192.0.2.7", "host.example");
        bench.Zones = [InquiryBench.Domain(Zone)];
        var flood = Enumerable.Range(0, 200).Select(i => Flood(bench, $"2001:db8:bad:{i:x}::1")).ToArray();
        await bench.Dns.UntilAskedAsync(flood[0].Question);
        bench.Inquirer.Lists.Review();
        bench.Dns.Addresses("7.2.0.192.list.example", "127.0.0.2");
        Assert.Equal("host.example", (await bench.NameAsync("192.0.2.7")).Name!.Name);
        Assert.Single((await bench.ListAsync(Zone, "192.0.2.7"))!.Answers);
        Assert.Equal(bench.Limits.NamesPerNetworkMax, bench.Dns.Questions.Count(question => question.EndsWith("ip6.arpa PTR", StringComparison.Ordinal)));
        bench.Time.Advance(bench.Limits.NameTime);
        Assert.All(await Task.WhenAll(flood.Select(asked => asked.Asking)), finding => Assert.Equal(HostNameFinding.Trouble, finding));
    }

    [Fact]
    public async Task When_all_places_are_taken_the_slowest_give_way_to_whoever_has_none()
    {
        await using var bench = new InquiryBench().Named("192.0.2.7", "host.example");
        var flood = Enumerable.Range(0, InquiryLimits.NameLookupsMax).Select(i => Flood(bench, $"198.51.{i}.1")).ToArray();
        foreach (var (question, _) in flood)
        {
            await bench.Dns.UntilAskedAsync(question);
        }

        var asking = bench.NameAsync("192.0.2.7");
        bench.Time.Advance(bench.Limits.YieldTime - TimeSpan.FromMilliseconds(1));
        Assert.False(asking.IsCompleted);
        bench.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal("host.example", (await asking).Name!.Name);
        Assert.Equal(HostNameFinding.Trouble, await await Task.WhenAny(flood.Select(asked => asked.Asking)));
        await bench.LoggedAsync("Warning dns: no answer for 1.0.51.198.in-addr.arpa PTR: it took long, and others waited");
        Assert.Single(flood, asked => asked.Asking.IsCompleted);
    }

    [Fact]
    public async Task The_look_up_of_a_client_that_is_gone_is_given_up()
    {
        await using var bench = new InquiryBench(new InquiryLimits { NamesPerNetworkMax = 1 }).Named("192.0.2.7", "host.example");
        using var gone = new CancellationTokenSource();
        var question = bench.Silent("192.0.2.66");
        var first = bench.NameAsync("192.0.2.66", gone.Token);
        await bench.Dns.UntilAskedAsync(question);
        var asking = bench.NameAsync("192.0.2.7");
        Assert.False(asking.IsCompleted);
        await gone.CancelAsync();
        Assert.Equal("host.example", (await asking).Name!.Name);
        Assert.Equal(HostNameFinding.Trouble, await first);
        Assert.Empty(bench.Log.Lines);
        bench.Named("192.0.2.66", "other.example");
        Assert.Equal("other.example", (await bench.NameAsync("192.0.2.66")).Name!.Name);
    }

    [Fact]
    public async Task A_look_up_goes_on_while_anybody_wants_it()
    {
        await using var bench = new InquiryBench();
        using var gone = new CancellationTokenSource();
        var release = new TaskCompletionSource();
        bench.Dns.Set("7.2.0.192.in-addr.arpa", DnsType.ReverseName, DnsReply.Of().After(release.Task));
        var first = bench.NameAsync("192.0.2.7", gone.Token);
        var second = bench.NameAsync("192.0.2.7");
        await bench.Dns.UntilAskedAsync("7.2.0.192.in-addr.arpa PTR");
        await gone.CancelAsync();
        release.SetResult();
        Assert.Equal(HostNameFinding.None, await second);
        Assert.Equal(HostNameFinding.None, await first);
    }

    [Fact]
    public async Task What_had_no_answer_is_not_asked_again_for_a_while()
    {
        await using var bench = new InquiryBench();
        bench.Dns.Set("silent.example", DnsType.Any, DnsReply.Silence).Set("sick.example", DnsType.Any, DnsReply.Code(2));
        var asking = bench.SenderAsync("silent.example");
        await bench.Dns.UntilAskedAsync("silent.example MX");
        bench.Time.Advance(bench.Limits.SenderTime);
        Assert.Equal(SenderDomainFinding.Trouble, await asking);
        Assert.Equal(SenderDomainFinding.Trouble, await bench.SenderAsync("sick.example"));
        bench.Dns.Mx("silent.example", "10 mx.example").Mx("sick.example", "10 mx.example");
        bench.Time.Advance(bench.Limits.TroubleTime - TimeSpan.FromMilliseconds(1));
        Assert.Equal(SenderDomainFinding.Trouble, await bench.SenderAsync("silent.example", "198.51.100.7"));
        Assert.Equal(SenderDomainFinding.Trouble, await bench.SenderAsync("sick.example", "198.51.100.7"));
        Assert.Equal(2, bench.Dns.Questions.Count);
        bench.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(SenderDomainFinding.TakesMail, await bench.SenderAsync("silent.example"));
    }

    [Fact]
    public async Task Senders_of_one_zone_that_is_silent_leave_places_to_others()
    {
        await using var bench = new InquiryBench();
        bench.Dns.Mx("good.example", "10 mx.example");
        for (var i = 0; i < InquiryLimits.SenderLookupsMax; i++)
        {
            bench.Dns.Set($"d{i}.never.example", DnsType.Any, DnsReply.Silence);
        }

        var flood = Enumerable.Range(0, InquiryLimits.SenderLookupsMax).Select(i => bench.SenderAsync($"d{i}.never.example", $"198.51.{i}.1")).ToArray();
        Assert.Equal(SenderDomainFinding.TakesMail, await bench.SenderAsync("good.example"));
        Assert.Equal(bench.Limits.SendersPerZoneMax, bench.Dns.Questions.Count(question => question.EndsWith("never.example MX", StringComparison.Ordinal)));
        bench.Time.Advance(bench.Limits.SenderTime);
        await Task.WhenAll(flood);
    }

    [Fact]
    public async Task What_is_known_needs_no_place()
    {
        await using var bench = new InquiryBench();
        bench.Dns.Mx("good.example", "10 mx.example");
        Assert.Equal(SenderDomainFinding.TakesMail, await bench.SenderAsync("good.example", "198.51.100.7"));
        var flood = Enumerable.Range(0, 20).Select(i =>
        {
            bench.Dns.Set($"d{i}.example", DnsType.Any, DnsReply.Silence);
            return bench.SenderAsync($"d{i}.example", "192.0.2.66");
        }).ToArray();
        Assert.Equal(SenderDomainFinding.TakesMail, await bench.SenderAsync("good.example", "192.0.2.7"));
        Assert.Single(bench.Dns.Questions, "good.example MX");
        bench.Time.Advance(bench.Limits.SenderTime);
        await Task.WhenAll(flood);
    }

    [Fact]
    public async Task Whoever_wants_what_a_flooder_waits_for_does_not_wait_with_him()
    {
        await using var bench = new InquiryBench(new InquiryLimits { SendersPerNetworkMax = 1 });
        bench.Dns.Set("silent.example", DnsType.Any, DnsReply.Silence).Mx("good.example", "10 mx.example");
        var first = bench.SenderAsync("silent.example", "192.0.2.66");
        var queued = bench.SenderAsync("good.example", "192.0.2.66");
        Assert.False(queued.IsCompleted);
        Assert.Equal(SenderDomainFinding.TakesMail, await bench.SenderAsync("good.example", "198.51.100.7"));
        Assert.Equal(SenderDomainFinding.TakesMail, await queued);
        bench.Time.Advance(bench.Limits.SenderTime);
        await first;
    }

    [Fact]
    public async Task When_too_many_wait_the_network_with_the_most_loses()
    {
        await using var bench = new InquiryBench(new InquiryLimits { WaitingMax = 3, NamesPerNetworkMax = 1 }).Named("198.51.100.7", "host.example");
        var question = bench.Silent("198.51.100.66");
        var holding = bench.NameAsync("198.51.100.66");
        await bench.Dns.UntilAskedAsync(question);
        var flood = Enumerable.Range(1, 5).Select(i => Flood(bench, $"192.0.2.{i}").Asking).ToArray(); // one runs, three wait
        Assert.Equal(HostNameFinding.Trouble, await flood[4]);
        var asking = bench.NameAsync("198.51.100.7");
        Assert.Equal(HostNameFinding.Trouble, await flood[3]);
        bench.Time.Advance(bench.Limits.YieldTime);
        Assert.Equal("host.example", (await asking).Name!.Name);
        Assert.Equal(HostNameFinding.Trouble, await holding);
    }

    [Theory]
    [InlineData("example", null)]
    [InlineData("a.example", null)]
    [InlineData("b.a.example", "a.example")]
    [InlineData("d.c.b.a.example", "a.example")]
    public void Names_below_the_last_two_labels_belong_together(string name, string? zone) => Assert.Equal(zone, SenderDomains.ZoneOf(name));

    private static (string Question, Task<HostNameFinding> Asking) Flood(InquiryBench bench, string client) => (bench.Silent(client), bench.NameAsync(client));
}
