using System.Net;
using Relay.Policy.Findings;
using Relay.Smtp.Addresses;
using Relay.TestKit.Dns;

namespace Relay.Node.Tests.Inquiries;

/// <summary>One connection's questions: all at once, each once, none that nobody wants.</summary>
public sealed class ClientInquiryTests
{
    private const string Pointers = "7.2.0.192.in-addr.arpa";
    private const string Listing = "7.2.0.192.list.example";

    private static readonly IPAddress Client = IPAddress.Parse("192.0.2.7");

    private static readonly Inquiry Everything =
        new(ClientName: true, SenderDomain: true, [InquiryBench.Domain("list.example"), InquiryBench.Domain("second.example")]);

    [Fact]
    public async Task All_that_is_wanted_is_found()
    {
        await using var bench = new InquiryBench().List("list.example").List("second.example");
        bench.Dns
            .Set(Pointers, DnsType.ReverseName, DnsReply.Of(DnsRecord.HostName(Pointers, "host.example")))
            .Addresses("host.example", "192.0.2.7")
            .Addresses(Listing, "127.0.0.2")
            .Mx("b.example", "10 host.example");
        var findings = await bench.Inquirer.About(Client).FindAsync(Everything, Path("a@b.example"));
        Assert.Equal("host.example", findings.ClientName.Name!.Name);
        Assert.Equal(SenderDomainFinding.TakesMail, findings.SenderDomain);
        Assert.Equal(["list.example=127.0.0.2", "second.example="], findings.Lists.Select(list => $"{list.Zone}={string.Join(' ', list.Answers)}"));
    }

    [Fact]
    public async Task Nothing_is_asked_that_is_not_wanted()
    {
        await using var bench = new InquiryBench();
        var inquiry = bench.Inquirer.About(Client);
        inquiry.Begin(Inquiry.Nothing);
        var nothing = inquiry.FindAsync(Inquiry.Nothing, Path("a@b.example"));
        Assert.True(nothing.IsCompletedSuccessfully);
        Assert.Same(MailFindings.None, await nothing);
        foreach (var sender in new[] { "", "a@[192.0.2.9]", "postmaster" })
        {
            Assert.Equal(SenderDomainFinding.NotAsked, (await inquiry.FindAsync(new Inquiry(false, true, []), Path(sender))).SenderDomain);
        }

        Assert.Empty(bench.Dns.Questions);
    }

    [Fact]
    public async Task Questions_about_the_client_begin_before_the_first_mail_and_are_asked_once_for_all_mails()
    {
        await using var bench = new InquiryBench().List("list.example").List("second.example");
        bench.Dns.Set(Listing, DnsType.A, DnsReply.Of(DnsRecord.Address(Listing, IPAddress.Parse("127.0.0.2")) with { Ttl = 30 }));
        var inquiry = bench.Inquirer.About(Client);
        inquiry.Begin(Everything);
        await bench.Dns.UntilAskedAsync($"{Listing} A");
        await bench.Dns.UntilAskedAsync($"{Pointers} PTR");
        Assert.DoesNotContain("b.example MX", bench.Dns.Questions);
        for (var i = 0; i < 3; i++)
        {
            var findings = await inquiry.FindAsync(Everything, Path("a@b.example"));
            Assert.Single(findings.Lists[0].Answers);
            bench.Time.Advance(TimeSpan.FromMinutes(10)); // no answer holds so long
        }

        Assert.Single(bench.Dns.Questions, $"{Listing} A");
        Assert.Single(bench.Dns.Questions, $"{Pointers} PTR");
    }

    [Fact]
    public async Task Silent_servers_cost_the_longest_time_and_not_the_sum_and_are_asked_again_for_the_next_mail()
    {
        await using var bench = new InquiryBench().List("list.example").List("second.example");
        Assert.NotNull(await bench.ListAsync("list.example", "192.0.2.100"));
        Assert.NotNull(await bench.ListAsync("second.example", "192.0.2.100"));
        bench.Dns.Mx("b.example", "10 mx.example");
        string[] questions = [$"{Pointers} PTR", $"{Listing} A", "7.2.0.192.second.example A", "silent.example MX"];
        foreach (var question in questions)
        {
            bench.Dns.Set(question.Split(' ')[0], DnsType.Any, DnsReply.Silence);
        }

        var inquiry = bench.Inquirer.About(Client);
        for (var times = 1; times <= 2; times++)
        {
            var asking = inquiry.FindAsync(Everything, Path("a@silent.example")).AsTask();
            foreach (var question in questions)
            {
                await bench.Dns.UntilAskedAsync(question, times);
            }

            bench.Time.Advance(TimeSpan.FromSeconds(5));
            var findings = await asking;
            Assert.Equal((HostNameState.Trouble, SenderDomainFinding.Trouble, 0), (findings.ClientName.State, findings.SenderDomain, findings.Lists.Count));
            bench.Time.Advance(bench.Limits.TroubleTime);
        }

        // Nobody else has waited.
        Assert.Equal(SenderDomainFinding.TakesMail, await bench.SenderAsync("b.example"));
    }

    private static MailPath Path(string text)
    {
        Assert.True(MailPath.TryParse(text, out var path), text);
        return path;
    }
}
