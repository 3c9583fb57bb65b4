using Relay.Policy.Findings;
using Relay.TestKit.Dns;

namespace Relay.Node.Tests.Inquiries;

/// <summary>A client's name counts when it leads back to the client, and only then.</summary>
public sealed class ClientNamesTests
{
    private const string Pointers = "7.2.0.192.in-addr.arpa";

    [Theory]
    [InlineData("192.0.2.7", Pointers)]
    [InlineData("2001:db8::7", "7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa")]
    public async Task A_name_that_leads_back_is_proven(string client, string pointers)
    {
        await using var bench = new InquiryBench();
        Point(bench, pointers, "Host.Example").Addresses("host.example", "192.0.2.1", client);
        Assert.Equal(new HostNameFinding(HostNameState.Proven, InquiryBench.Domain("host.example")), await bench.NameAsync(client));
    }

    [Fact]
    public async Task Whoever_points_to_a_name_of_others_has_none()
    {
        await using var bench = new InquiryBench();
        Point(bench, Pointers, "trusted.example").Addresses("trusted.example", "192.0.2.8", "2001:db8::7");
        Assert.Equal(HostNameFinding.None, await bench.NameAsync("192.0.2.7"));
        Assert.DoesNotContain("trusted.example AAAA", bench.Dns.Questions);
    }

    [Fact]
    public async Task Without_a_name_there_is_none()
    {
        await using var bench = new InquiryBench();
        bench.Dns.Set(Pointers, DnsType.ReverseName, DnsReply.Of());
        Assert.Equal(HostNameFinding.None, await bench.NameAsync("192.0.2.7"));
        Assert.Equal(HostNameFinding.None, await bench.NameAsync("192.0.2.8"));
        Point(bench, "9.2.0.192.in-addr.arpa", "gone.example");
        Assert.Equal(HostNameFinding.None, await bench.NameAsync("192.0.2.9"));
    }

    [Fact]
    public async Task Trouble_on_either_way_is_trouble_and_not_the_lack_of_a_name()
    {
        await using var bench = new InquiryBench();
        bench.Dns.Set(Pointers, DnsType.ReverseName, DnsReply.Code(2));
        Assert.Equal(HostNameFinding.Trouble, await bench.NameAsync("192.0.2.7"));
        Point(bench, "8.2.0.192.in-addr.arpa", "sick.example", "well.example").Set("sick.example", DnsType.Any, DnsReply.Code(2)).Addresses("well.example", "192.0.2.1");
        Assert.Equal(HostNameFinding.Trouble, await bench.NameAsync("192.0.2.8"));
        bench.Dns.Addresses("well.example", "192.0.2.9");
        Point(bench, "9.2.0.192.in-addr.arpa", "sick.example", "mine.example").Addresses("mine.example", "192.0.2.9");
        Assert.Equal("mine.example", (await bench.NameAsync("192.0.2.9")).Name!.Name);
    }

    [Fact]
    public async Task A_client_with_many_names_has_the_first_ones_of_the_alphabet_looked_at()
    {
        await using var bench = new InquiryBench();
        Point(bench, Pointers, "e.example", "d.example", "c.example", "b.example", "a.example", "10.0.0.1", "-a.example").Addresses("e.example", "192.0.2.7");
        Assert.Equal(HostNameFinding.None, await bench.NameAsync("192.0.2.7"));
        Assert.Equal(
            ["a.example A", "b.example A", "c.example A", "d.example A"],
            bench.Dns.Questions.Where(question => question.EndsWith(" A", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Point(bench, "8.2.0.192.in-addr.arpa", "y.example", "x.example").Addresses("y.example", "192.0.2.8").Addresses("x.example", "192.0.2.8");
        Assert.Equal("x.example", (await bench.NameAsync("192.0.2.8")).Name!.Name);
    }

    [Fact]
    public async Task A_silent_server_is_trouble_when_the_time_is_over()
    {
        await using var bench = new InquiryBench();
        bench.Dns.Set(Pointers, DnsType.ReverseName, DnsReply.Silence);
        var asking = bench.NameAsync("192.0.2.7");
        await bench.Dns.UntilAskedAsync($"{Pointers} PTR");
        bench.Time.Advance(bench.Limits.NameTime - TimeSpan.FromMilliseconds(1));
        Assert.False(asking.IsCompleted);
        bench.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(HostNameFinding.Trouble, await asking);
        Assert.Equal($"Warning dns: no answer for {Pointers} PTR: no answer in time", Assert.Single(bench.Log.Lines));
    }

    private static StubNameServer Point(InquiryBench bench, string pointers, params string[] names) =>
        bench.Dns.Set(pointers, DnsType.ReverseName, DnsReply.Of([.. names.Select(name => DnsRecord.HostName(pointers, name))]));
}
