using Relay.Actors.Deliveries;
using Relay.Actors.Sites;
using Relay.Messages.Destinations;
using Relay.Node.Outbound;
using Relay.Policy.Decisions;
using Relay.Smtp.Client;
using Relay.TestKit.Dns;

namespace Relay.Node.Tests.Outbound;

/// <summary>Site to addresses: order, both families, loops, and what is left when none can be used.</summary>
public sealed class NextHopLookupTests
{
    [Fact]
    public async Task Hosts_come_by_preference_and_equal_ones_in_another_order_each_time()
    {
        await using var bench = new LookupBench();
        bench.Dns.Addresses("a.example", "192.0.1.1").Addresses("b.example", "192.0.1.2").Addresses("c.example", "192.0.1.3");
        var firsts = new HashSet<string>();
        for (var i = 0; i < 64; i++)
        {
            var hops = (await bench.HopsAsync("10 b.example", "20 c.example", "10 a.example")).Hops;
            Assert.Equal(["a.example", "b.example"], hops.Take(2).Select(hop => hop.Host).Order());
            Assert.Equal("c.example[192.0.1.3]:2500", hops[2].ToString());
            firsts.Add(hops[0].Host);
        }

        Assert.Equal(2, firsts.Count);
        Assert.Equal(6, bench.Dns.Questions.Count); // A and AAAA of three hosts, once
    }

    [Fact]
    public async Task Both_families_of_a_host_are_tried_in_turn_before_the_next_host()
    {
        await using var bench = new LookupBench();
        bench.Dns.Addresses("a.example", "192.0.1.1", "192.0.1.2", "2600::1", "2600::2").Addresses("b.example", "192.0.1.9");
        var hops = (await bench.HopsAsync("10 a.example", "20 b.example")).Hops;
        Assert.Equal([true, false, true, false, false], hops.Select(hop => hop.EndPoint.Address.ToString().Contains(':', StringComparison.Ordinal)));
        Assert.Equal("b.example", hops[^1].Host);
    }

    [Fact]
    public async Task A_host_with_many_addresses_does_not_hide_the_next_one()
    {
        await using var bench = new LookupBench();
        bench.Dns
            .Addresses("a.example", [.. Enumerable.Range(1, 40).Select(i => $"192.0.1.{i}")])
            .Addresses("b.example", [.. Enumerable.Range(41, 40).Select(i => $"192.0.1.{i}")])
            .Addresses("c.example", "192.0.1.99");
        var hops = (await bench.HopsAsync("10 a.example", "20 b.example", "30 c.example")).Hops;
        Assert.Equal([8, 8], hops.GroupBy(hop => hop.Host).Select(host => host.Count()));
    }

    [Fact]
    public async Task A_host_that_is_an_alias_is_tolerated()
    {
        await using var bench = new LookupBench();
        bench.Dns.Set("mx.example", DnsType.A, DnsReply.Of(
            DnsRecord.Alias("mx.example", "real.example"), DnsRecord.Address("real.example", System.Net.IPAddress.Parse("192.0.1.1"))));
        Assert.Equal("mx.example[192.0.1.1]:2500", Assert.Single((await bench.HopsAsync("10 mx.example")).Hops).ToString());
    }

    [Fact]
    public async Task A_host_that_cannot_be_found_leaves_the_others_and_trouble_is_trouble_only_when_none_is_left()
    {
        await using var bench = new LookupBench();
        bench.Dns.Addresses("good.example", "192.0.1.1").Set("sick.example", DnsType.Any, DnsReply.Code(2));
        Assert.Equal("good.example", Assert.Single((await bench.HopsAsync("10 sick.example", "15 none.example", "20 good.example")).Hops).Host);
        MustFail(await bench.HopsAsync("10 none.example", "20 sick.example"), OutcomeKind.Deferred, "451 4.4.3");
        MustFail(await bench.HopsAsync("10 none.example", "20 nothing.example"), OutcomeKind.Bounced, "550 5.4.4");
    }

    [Fact]
    public async Task Addresses_that_policy_forbids_are_left_out()
    {
        await using var bench = new LookupBench();
        bench.Dns.Addresses("inside.example", "10.0.0.1", "::1", "::ffff:127.0.0.1").Addresses("outside.example", "192.0.1.1");
        Assert.Equal("outside.example", Assert.Single((await bench.HopsAsync("10 inside.example", "20 outside.example")).Hops).Host);
        MustFail(await bench.HopsAsync("10 inside.example"), OutcomeKind.Bounced, "550 5.4.4");
        MustFail(await bench.HopsAsync("0 [127.0.0.1]"), OutcomeKind.Bounced, "550 5.4.4");
        await using var open = new LookupBench(nextHopNetworks: ["127.0.0.0/8"]);
        Assert.Equal("[127.0.0.1][127.0.0.1]:2500", Assert.Single((await open.HopsAsync("0 [127.0.0.1]")).Hops).ToString());
    }

    [Theory]
    [InlineData("mx.self.example", "192.0.1.7", "192.0.2.2:2500")] // by name
    [InlineData("other.example", "192.0.1.7", "192.0.1.7:2500")] // by a listener's address
    [InlineData("other.example", "192.0.1.8", "0.0.0.0:2500")] // by an address of the machine
    [InlineData("other.example", "2600::8", "[::]:2500")]
    [InlineData("other.example", "192.0.1.8", "[::]:2500")]
    [InlineData("other.example", "127.3.4.5", "0.0.0.0:2500")]
    public async Task We_and_everyone_no_better_are_left_out(string host, string address, string listener)
    {
        await using var bench = new LookupBench(listeners: [listener], machine: ["192.0.1.8", "2600::8"], nextHopNetworks: ["127.0.0.0/8"]);
        bench.Dns.Addresses(host, address).Addresses("best.example", "192.0.1.1").Addresses("equal.example", "192.0.1.2").Addresses("worse.example", "192.0.1.3");
        Assert.Equal("best.example", Assert.Single((await bench.HopsAsync("10 best.example", $"20 {host}", "20 equal.example", "30 worse.example")).Hops).Host);
        MustFail(await bench.HopsAsync($"20 {host}", "20 equal.example", "30 worse.example"), OutcomeKind.Bounced, "554 5.4.6");
    }

    [Theory]
    [InlineData("192.0.1.7:2525")] // another port
    [InlineData("192.0.1.6:2500")] // another address
    public async Task Others_are_not_taken_for_us(string listener)
    {
        await using var bench = new LookupBench(listeners: [listener], machine: ["192.0.1.7"]);
        bench.Dns.Addresses("other.example", "192.0.1.7");
        Assert.Single((await bench.HopsAsync("20 other.example")).Hops);
    }

    [Fact]
    public async Task Hosts_of_the_cluster_are_ours_whatever_policy_says_and_whatever_the_port()
    {
        await using var bench = new LookupBench(cluster: ["10.0.0.1:4053", "10.0.0.2:4053", "127.0.0.1:4053"], nextHopNetworks: ["10.0.0.0/8", "127.0.0.0/8"]);
        bench.Dns.Addresses("mine.example", "10.0.0.1").Addresses("peer.example", "10.0.0.2").Addresses("wrapped.example", "::ffff:10.0.0.2")
            .Addresses("store.example", "10.0.0.3").Addresses("local.example", "127.0.0.1");
        foreach (var host in new[] { "mine.example", "peer.example", "wrapped.example" })
        {
            MustFail(await bench.HopsAsync($"10 {host}", "20 store.example"), OutcomeKind.Bounced, "554 5.4.6");
        }

        Assert.Single((await bench.HopsAsync("10 store.example", "20 peer.example")).Hops);
        Assert.Single((await bench.HopsAsync("10 local.example")).Hops); // where every node alone on its machine has its cluster's port
    }

    [Theory]
    [InlineData("10.1.2.3")] // private
    [InlineData("172.16.0.1")]
    [InlineData("192.168.0.1")]
    [InlineData("100.64.0.1")] // shared
    [InlineData("169.254.169.254")] // link-local: what clouds tell their machines
    [InlineData("0.0.0.0")]
    [InlineData("224.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("127.255.255.254")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("fe80::1")]
    [InlineData("fd00::1")]
    [InlineData("ff02::1")]
    [InlineData("::ffff:10.0.0.1")] // IPv4 in the forms of IPv6
    [InlineData("64:ff9b::a00:1")]
    [InlineData("2002:a00:1::1")]
    [InlineData("::10.0.0.1")]
    public async Task No_name_leads_mail_to_the_inside(string address)
    {
        await using var bench = new LookupBench();
        bench.Dns.Addresses("inside.example", address);
        MustFail(await bench.HopsAsync("10 inside.example"), OutcomeKind.Bounced, "550 5.4.4");
    }

    [Fact]
    public async Task When_the_better_ones_have_trouble_mail_waits_and_does_not_loop()
    {
        await using var bench = new LookupBench();
        bench.Dns.Set("sick.example", DnsType.Any, DnsReply.Code(2));
        MustFail(await bench.HopsAsync("10 sick.example", "20 mx.self.example"), OutcomeKind.Deferred, "451 4.4.3");
    }

    [Fact]
    public async Task A_route_goes_where_it_says_and_waits_for_its_host_to_exist()
    {
        await using var bench = new LookupBench();
        bench.Dns.Addresses("hub.internal", "10.0.0.1");
        Assert.Equal("hub.internal[10.0.0.1]:26", Assert.Single((await RouteAsync("smtp://hub.internal:26")).Hops).ToString());
        Assert.Equal("127.0.0.1[127.0.0.1]:27", Assert.Single((await RouteAsync("smtp://127.0.0.1:27")).Hops).ToString());
        Assert.Equal(["localhost[127.0.0.1]:28", "localhost[::1]:28"], (await RouteAsync("smtp://localhost:28")).Hops.Select(hop => hop.ToString()));
        MustFail(await RouteAsync("smtp://nowhere.internal:25"), OutcomeKind.Deferred, "451 4.4.3");

        Task<NextHopResolution> RouteAsync(string text)
        {
            Assert.True(RouteTarget.TryParse(text, out var target, out _));
            return bench.Hops.ResolveAsync(DestinationKey.ForRoute(target), [""], CancellationToken.None);
        }
    }

    [Fact]
    public async Task Hosts_that_no_name_server_tells_of_keep_nobody_elses_mail_waiting()
    {
        await using var bench = new LookupBench();
        bench.Dns.Addresses("good.example", "192.0.1.1").Mx("domain.example", "10 good.example");
        var flood = Enumerable.Range(0, 200).Select(i => Silent(bench, "", i)).ToArray();
        for (var i = 0; i < NextHopLookup.LookupsPerFlowMax; i++)
        {
            await bench.Dns.UntilAskedAsync($"silent{i}.example AAAA");
        }

        Assert.Equal("good.example", Assert.Single((await bench.HopsOfAsync("alice", "10 good.example")).Hops).Host);
        Assert.NotNull((await bench.SiteAsync("domain.example")).Site);
        Assert.Equal(NextHopLookup.LookupsPerFlowMax, bench.Dns.Questions.Count(question => question.EndsWith(".example AAAA", StringComparison.Ordinal)) - 1);

        // What is known needs no turn: not even among the flood's own.
        Assert.Single((await bench.HopsOfAsync("", "10 good.example")).Hops);
        bench.Time.Advance(NextHopLookup.LookupTime);
        Assert.All(await Task.WhenAll(flood), found => MustFail(found, OutcomeKind.Deferred, "451 4.4.3"));
    }

    [Fact]
    public async Task When_many_senders_mail_goes_to_silent_hosts_the_slowest_look_up_gives_way()
    {
        await using var bench = new LookupBench(serverTime: NextHopLookup.LookupTime);
        bench.Dns.Addresses("good.example", "192.0.1.1");
        var flood = Enumerable.Range(0, NextHopLookup.LookupsMax).Select(i => Silent(bench, $"sender{i}", i)).ToArray();
        for (var i = 0; i < flood.Length; i++)
        {
            await bench.Dns.UntilAskedAsync($"silent{i}.example A");
        }

        var asking = bench.HopsOfAsync("alice", "10 good.example");
        bench.Time.Advance(NextHopLookup.YieldTime - TimeSpan.FromMilliseconds(1));
        Assert.False(asking.IsCompleted);
        bench.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Single((await asking).Hops);
        MustFail(await await Task.WhenAny(flood), OutcomeKind.Deferred, "451 4.4.3");
        Assert.Equal(1, flood.Count(found => found.IsCompleted));
        bench.Time.Advance(NextHopLookup.LookupTime);
        await Task.WhenAll(flood);
    }

    [Fact]
    public async Task A_site_is_looked_up_by_the_turn_of_anybody_whose_mail_waits_for_it()
    {
        await using var bench = new LookupBench();
        bench.Dns.Addresses("good.example", "192.0.1.1");
        var flood = Enumerable.Range(0, 20).Select(i => Silent(bench, "", i)).ToArray();
        await bench.Dns.UntilAskedAsync("silent0.example A");
        var site = DestinationKey.ForSite([new MailExchanger(10, "good.example")]);
        Assert.Single((await bench.Hops.ResolveAsync(site, ["", "alice"], CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(60))).Hops);
        bench.Time.Advance(NextHopLookup.LookupTime);
        await Task.WhenAll(flood);
    }

    [Fact]
    public void Look_ups_that_are_on_have_places_for_all_their_questions()
    {
        var limits = new SiteLimits();
        Assert.Equal(OutboundLookups.SiteQuestionsMax, limits.LookupsMax + limits.LaterLookupsMax);
        Assert.Equal(NextHopLookup.QuestionsMax, NextHopLookup.LookupsMax * NextHopLookup.HostsAtOnce * 2);
    }

    private static Task<NextHopResolution> Silent(LookupBench bench, string flow, int number)
    {
        bench.Dns.Set($"silent{number}.example", DnsType.Any, DnsReply.Silence);
        return bench.HopsOfAsync(flow, $"10 silent{number}.example");
    }

    private static void MustFail(NextHopResolution resolution, OutcomeKind kind, string reply)
    {
        Assert.Empty(resolution.Hops);
        Assert.Equal(kind, resolution.Failure!.Kind);
        Assert.StartsWith(reply, resolution.Failure.Reply.ToString(), StringComparison.Ordinal);
    }
}
