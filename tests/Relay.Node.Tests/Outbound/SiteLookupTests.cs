using Relay.Smtp.Client;
using Relay.TestKit.Dns;

namespace Relay.Node.Tests.Outbound;

/// <summary>Domain to site: MX records, implicit MX, null MX, and what is no mail exchanger.</summary>
public sealed class SiteLookupTests
{
    [Fact]
    public async Task Domains_with_the_same_mail_exchangers_share_a_site()
    {
        await using var bench = new LookupBench();
        bench.Dns.Mx("one.example", "20 MX2.Host.Example", "10 mx1.host.example").Mx("two.example", "5 mx1.host.example", "7 mx2.host.example");
        var one = await bench.SiteAsync("one.example");
        var two = await bench.SiteAsync("two.example");
        Assert.Equal("mx1.host.example,mx2.host.example", one.Site!.Name);
        Assert.Equal(one.Site, two.Site);
        Assert.Equal([10, 20], one.Site.Exchangers.Select(exchanger => exchanger.Preference));
        Assert.Null(one.Failure);
    }

    [Fact]
    public async Task Without_mail_exchangers_a_domain_with_an_address_serves_itself()
    {
        await using var bench = new LookupBench();
        bench.Dns.Addresses("four.example", "192.0.2.1").Addresses("six.example", "2001:db8::1");
        Assert.Equal("four.example", (await bench.SiteAsync("four.example")).Site!.Name);
        Assert.Equal("six.example", (await bench.SiteAsync("six.example")).Site!.Name);
    }

    [Fact]
    public async Task An_address_literal_is_a_site_without_a_question()
    {
        await using var bench = new LookupBench();
        Assert.Equal("[192.0.2.9]", (await bench.SiteAsync("[192.0.2.9]")).Site!.Name);
        Assert.Empty(bench.Dns.Questions);
    }

    [Theory]
    [InlineData("0 .", "556 5.1.10")]
    [InlineData("10 192.0.2.1", "550 5.4.4")]
    [InlineData("10 localhost", "550 5.4.4")]
    [InlineData("10 mail.localhost", "550 5.4.4")]
    [InlineData("10 -.example", "550 5.4.4")]
    [InlineData("10 a b.example", "550 5.4.4")]
    public async Task A_domain_whose_mail_exchanger_is_none_takes_no_mail(string exchanger, string reply)
    {
        await using var bench = new LookupBench();
        bench.Dns.Set("relay.example", DnsType.Mx, DnsReply.Of(DnsRecord.Mx(
            "relay.example", ushort.Parse(exchanger.Split(' ', 2)[0]), exchanger.Split(' ', 2)[1])));
        bench.Dns.Addresses("relay.example", "192.0.2.1"); // MX records are there, so it does not count
        var answer = await bench.SiteAsync("relay.example");
        Assert.Null(answer.Site);
        Assert.Equal(OutcomeKind.Bounced, answer.Failure!.Kind);
        Assert.StartsWith(reply, answer.Failure.Reply.ToString(), StringComparison.Ordinal);
        Assert.Equal(["relay.example MX"], bench.Dns.Questions);
    }

    [Fact]
    public async Task A_null_MX_among_others_and_names_too_long_are_passed_over()
    {
        await using var bench = new LookupBench();
        var tooLong = string.Join('.', Enumerable.Repeat(new string('a', 50), 6));
        bench.Dns.Mx("relay.example", "0 .", $"5 {tooLong}", "10 mx.host.example", "10 192.0.2.1");
        var answer = await bench.SiteAsync("relay.example");
        Assert.Equal("mx.host.example", answer.Site!.Name);
    }

    [Fact]
    public async Task A_host_that_is_named_twice_counts_once_with_its_better_preference()
    {
        await using var bench = new LookupBench();
        bench.Dns.Mx("relay.example", "30 a.example", "20 b.example", "10 a.example");
        Assert.Equal([(10, "a.example"), (20, "b.example")], (await bench.SiteAsync("relay.example")).Site!.Exchangers.Select(e => (e.Preference, e.Host)));
    }

    [Fact]
    public async Task Of_many_mail_exchangers_the_best_sixteen_are_kept()
    {
        await using var bench = new LookupBench();
        bench.Dns.Mx("relay.example", [.. Enumerable.Range(1, 20).Select(i => $"{100 - i} h{i}.example").Order()]);
        var hosts = (await bench.SiteAsync("relay.example")).Site!.Exchangers;
        Assert.Equal(Enumerable.Range(5, 16).Reverse().Select(i => $"h{i}.example"), hosts.Select(exchanger => exchanger.Host));
    }

    [Theory]
    [InlineData((byte)2, "451 4.4.3", 60)]
    [InlineData((byte)5, "451 4.4.3", 60)]
    [InlineData((byte)3, "550 5.1.2", 30)]
    [InlineData((byte)0, "550 5.4.4", 30)]
    public async Task An_answer_without_records_is_what_it_says(byte code, string reply, int seconds)
    {
        await using var bench = new LookupBench();
        bench.Dns.Set("relay.example", DnsType.Any, DnsReply.Code(code));
        var answer = await bench.SiteAsync("relay.example");
        Assert.StartsWith(reply, answer.Failure!.Reply.ToString(), StringComparison.Ordinal);
        Assert.Equal(code is 2 or 5 ? OutcomeKind.Deferred : OutcomeKind.Bounced, answer.Failure.Kind);
        Assert.Equal(TimeSpan.FromSeconds(seconds), answer.ValidFor);
    }

    [Fact]
    public async Task Without_mail_exchangers_trouble_with_the_address_is_not_taken_for_none()
    {
        await using var bench = new LookupBench();
        bench.Dns.Set("relay.example", DnsType.Mx, DnsReply.Of()).Set("relay.example", DnsType.A, DnsReply.Code(2));
        Assert.Equal(OutcomeKind.Deferred, (await bench.SiteAsync("relay.example")).Failure!.Kind);
        bench.Dns.Addresses("relay.example", "2001:db8::1");
        bench.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("relay.example", (await bench.SiteAsync("relay.example")).Site!.Name);
    }

    [Fact]
    public async Task An_answer_holds_for_its_time_within_bounds()
    {
        await using var bench = new LookupBench();
        foreach (var (name, ttl) in new[] { ("short.example", 1u), ("middle.example", 600u), ("long.example", 864_000u) })
        {
            bench.Dns.Set(name, DnsType.Mx, DnsReply.Of(DnsRecord.Mx(name, 10, "mx.host.example") with { Ttl = ttl }));
        }

        Assert.Equal(TimeSpan.FromSeconds(30), (await bench.SiteAsync("short.example")).ValidFor);
        Assert.Equal(TimeSpan.FromSeconds(600), (await bench.SiteAsync("middle.example")).ValidFor);
        Assert.Equal(TimeSpan.FromHours(1), (await bench.SiteAsync("long.example")).ValidFor);
        bench.Time.Advance(TimeSpan.FromSeconds(590));
        // What is left of it, but never so little that the same is asked again and again.
        Assert.Equal(TimeSpan.FromSeconds(30), (await bench.SiteAsync("middle.example")).ValidFor);
        Assert.Single(bench.Dns.Questions, "middle.example MX");
    }
}
