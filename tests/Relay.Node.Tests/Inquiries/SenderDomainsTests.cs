using Relay.Policy.Findings;
using Relay.TestKit.Dns;

namespace Relay.Node.Tests.Inquiries;

/// <summary>What a sender's domain is told apart by: none, one without mail, one that wants none, and one that nobody can tell of now.</summary>
public sealed class SenderDomainsTests
{
    [Fact]
    public async Task Each_state_of_a_domain_is_told_apart()
    {
        await using var bench = new InquiryBench();
        bench.Dns
            .Mx("mx.example", "10 host.example")
            .Addresses("a.example", "192.0.2.1")
            .Addresses("aaaa.example", "2001:db8::1")
            .Mx("null.example", "0 .")
            .Set("empty.example", DnsType.ReverseName, DnsReply.Of())
            .Mx("literal.example", "10 192.0.2.1", "20 localhost")
            .Set("sick.example", DnsType.Any, DnsReply.Code(2))
            .Set("refused.example", DnsType.Any, DnsReply.Code(5))
            .Set("half.example", DnsType.A, DnsReply.Of())
            .Set("half.example", DnsType.Aaaa, DnsReply.Code(2));
        foreach (var (domain, finding) in new[]
        {
            ("mx.example", SenderDomainFinding.TakesMail),
            ("a.example", SenderDomainFinding.TakesMail),
            ("aaaa.example", SenderDomainFinding.TakesMail),
            ("null.example", SenderDomainFinding.NullMx),
            ("none.example", SenderDomainFinding.Unknown),
            ("empty.example", SenderDomainFinding.Unknown),
            ("literal.example", SenderDomainFinding.Unknown),
            ("sick.example", SenderDomainFinding.Trouble),
            ("refused.example", SenderDomainFinding.Trouble),
            ("half.example", SenderDomainFinding.Trouble),
        })
        {
            Assert.Equal((domain, finding), (domain, await bench.SenderAsync(domain)));
        }
    }

    [Fact]
    public async Task A_silent_server_is_trouble_when_the_time_is_over_and_its_late_answer_changes_nothing()
    {
        await using var bench = new InquiryBench();
        var release = new TaskCompletionSource();
        bench.Dns.Set("slow.example", DnsType.Mx, DnsReply.Of(DnsRecord.Mx("slow.example", 10, "mx.example")).After(release.Task));
        var asking = bench.SenderAsync("slow.example");
        await bench.Dns.UntilAskedAsync("slow.example MX");
        bench.Time.Advance(bench.Limits.SenderTime);
        Assert.Equal(SenderDomainFinding.Trouble, await asking);
        release.SetResult();
        Assert.Equal(SenderDomainFinding.Trouble, await bench.SenderAsync("slow.example"));
        bench.Time.Advance(bench.Limits.TroubleTime);
        Assert.Equal(SenderDomainFinding.TakesMail, await bench.SenderAsync("slow.example"));
        Assert.Equal(2, bench.Dns.Questions.Count);
    }

    [Fact]
    public async Task Whoever_asks_the_same_at_the_same_time_shares_the_question()
    {
        await using var bench = new InquiryBench();
        var release = new TaskCompletionSource();
        bench.Dns.Set("slow.example", DnsType.Mx, DnsReply.Of(DnsRecord.Mx("slow.example", 10, "mx.example")).After(release.Task));
        var asking = Enumerable.Range(1, 100).Select(i => bench.SenderAsync("slow.example", $"192.0.{i}.7")).ToArray();
        release.SetResult();
        Assert.All(await Task.WhenAll(asking), finding => Assert.Equal(SenderDomainFinding.TakesMail, finding));
        Assert.Single(bench.Dns.Questions);
    }
}
