using Relay.Node.Inquiries;
using Relay.Node.Tests.Dns;
using Relay.TestKit.Dns;

namespace Relay.Node.Tests.Inquiries;

/// <summary>Lists say what they list, and nothing when they are wrong, silent or gone: mail never waits for them, and is never refused by their trouble.</summary>
public sealed class DnsListsTests
{
    private const string Zone = "list.example";
    private const string Silent = "no answer to its test in time";

    [Theory]
    [InlineData("192.0.2.7", "7.2.0.192.list.example")]
    [InlineData("2001:db8::7", "7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.list.example")]
    public async Task A_list_is_asked_about_clients_of_both_families(string client, string name)
    {
        await using var bench = new InquiryBench().List(Zone);
        Assert.Empty((await bench.ListAsync(Zone, client))!.Answers);
        bench.Dns.Addresses(name, "127.0.0.4", "127.0.0.10");
        bench.Time.Advance(TimeSpan.FromMinutes(5));
        var found = await bench.ListAsync(Zone, client);
        Assert.Equal((InquiryBench.Domain(Zone), "127.0.0.10 127.0.0.4"), (found!.Zone, string.Join(' ', found.Answers.Select(answer => answer.ToString()).Order())));
        Assert.Empty(bench.Log.Lines);
    }

    [Fact]
    public async Task Answers_that_are_no_lists_answers_are_left_out()
    {
        await using var bench = new InquiryBench().List(Zone);
        bench.Dns.Addresses("7.2.0.192.list.example", "203.0.113.80", "10.0.0.2", "127.255.255.254");
        Assert.Equal("127.255.255.254", Assert.Single((await bench.ListAsync(Zone, "192.0.2.7"))!.Answers).ToString());
        bench.Dns.Set("8.2.0.192.list.example", DnsType.A, DnsReply.Of([.. Enumerable.Range(0, 20).Select(i =>
            DnsRecord.Address("8.2.0.192.list.example", System.Net.IPAddress.Parse($"127.0.1.{i}")))]));
        Assert.Equal(20, (await bench.ListAsync(Zone, "192.0.2.8"))!.Answers.Count);
    }

    [Theory]
    [InlineData("its test address is not listed", null, null)]
    [InlineData("it lists what no list may, and so everybody", "127.0.0.2", "127.0.0.2")]
    [InlineData("it answers that it does not serve our name servers", "127.255.255.254", null)]
    [InlineData("its test address is not listed", "203.0.113.80", "203.0.113.80")] // a name that somebody else has bought
    public async Task A_list_that_fails_its_test_is_not_used_until_it_passes(string reason, string? listed, string? notListed)
    {
        await using var bench = new InquiryBench();
        bench.Zones = [InquiryBench.Domain(Zone)];
        bench.Dns.Addresses("7.2.0.192.list.example", "127.0.0.2");
        Answer(bench, "2.0.0.127.list.example", listed);
        Answer(bench, "1.0.0.127.list.example", notListed);
        Assert.Null(await bench.ListAsync(Zone, "192.0.2.7"));
        await bench.LoggedAsync($"Warning dns list {Zone}: not used for IPv4 clients: {reason}");

        Answer(bench, "2.0.0.127.list.example", "127.0.0.2");
        bench.Dns.Set("1.0.0.127.list.example", DnsType.A, DnsReply.Code(3));
        Assert.Null(await bench.ListAsync(Zone, "192.0.2.7"));
        bench.Time.Advance(bench.Limits.TestInterval);
        await bench.LoggedAsync($"Warning dns list {Zone}: used again for IPv4 clients");
        Assert.Single((await bench.ListAsync(Zone, "192.0.2.7"))!.Answers);
        Assert.Equal(2, bench.Log.Lines.Count);
    }

    [Fact]
    public async Task A_list_that_knows_IPv4_alone_is_not_asked_about_others_and_nobody_is_warned()
    {
        await using var bench = new InquiryBench();
        bench.Dns.Addresses("2.0.0.127.list.example", "127.0.0.2").Addresses("7.2.0.192.list.example", "127.0.0.2");
        Assert.Single((await bench.ListAsync(Zone, "192.0.2.7"))!.Answers);
        Assert.Null(await bench.ListAsync(Zone, "2001:db8::7"));
        Assert.Empty(bench.Log.Lines);
    }

    [Fact]
    public async Task A_dead_list_is_waited_for_once_and_then_not_at_all()
    {
        await using var bench = new InquiryBench();
        bench.Dns.Set("2.0.0.127.list.example", DnsType.Any, DnsReply.Silence).Set("7.2.0.192.list.example", DnsType.Any, DnsReply.Silence);
        var asking = bench.ListAsync(Zone, "192.0.2.7");
        await bench.Dns.UntilAskedAsync("7.2.0.192.list.example A");
        await bench.Dns.UntilAskedAsync("2.0.0.127.list.example A");
        Assert.False(asking.IsCompleted);
        bench.Time.Advance(bench.Limits.ListTime);
        Assert.Null(await asking);
        await bench.LoggedAsync($"Warning dns list {Zone}: not used for IPv4 clients: {Silent}");
        Assert.Null(await bench.ListAsync(Zone, "192.0.2.8"));
        Assert.DoesNotContain("8.2.0.192.list.example A", bench.Dns.Questions);
    }

    [Fact]
    public async Task A_list_that_falls_silent_is_tested_before_its_time()
    {
        await using var bench = new InquiryBench(new InquiryLimits { SilencesMax = 3 }).List(Zone);
        Assert.NotNull(await bench.ListAsync(Zone, "192.0.2.100"));
        bench.Dns.Set("2.0.0.127.list.example", DnsType.A, DnsReply.Code(2));
        for (var i = 1; i <= 3; i++)
        {
            bench.Dns.Set($"{i}.2.0.192.list.example", DnsType.Any, DnsReply.Code(2));
            Assert.Equal(1, bench.Dns.Questions.Count(question => question == "2.0.0.127.list.example A"));
            Assert.Null(await bench.ListAsync(Zone, $"192.0.2.{i}"));
        }

        await bench.LoggedAsync($"Warning dns list {Zone}: not used for IPv4 clients: {Silent}");
    }

    [Fact]
    public async Task An_answer_after_the_time_does_not_count()
    {
        await using var bench = new InquiryBench().List(Zone);
        Assert.NotNull(await bench.ListAsync(Zone, "192.0.2.100"));
        var release = new TaskCompletionSource();
        bench.Dns.Set("7.2.0.192.list.example", DnsType.A, DnsReply.Of(
            DnsRecord.Address("7.2.0.192.list.example", System.Net.IPAddress.Parse("127.0.0.2"))).After(release.Task));
        var asking = bench.ListAsync(Zone, "192.0.2.7");
        await bench.Dns.UntilAskedAsync("7.2.0.192.list.example A");
        bench.Time.Advance(bench.Limits.ListTime);
        release.SetResult();
        Assert.Null(await asking);
        Assert.Single((await bench.ListAsync(Zone, "192.0.2.7"))!.Answers); // the client's next connection asks again
    }

    [Theory]
    [MemberData(nameof(DnsQuestionsTests.Unreadable), MemberType = typeof(DnsQuestionsTests))]
    public async Task Whatever_a_server_says_instead_of_an_answer_lets_the_client_in(string kind, DnsReply reply)
    {
        await using var bench = new InquiryBench().List(Zone);
        Assert.NotNull(await bench.ListAsync(Zone, "192.0.2.100"));
        bench.Dns.Set("7.2.0.192.list.example", DnsType.Any, reply);
        var asking = bench.ListAsync(Zone, "192.0.2.7");
        await bench.Dns.UntilAskedAsync("7.2.0.192.list.example A");
        bench.Time.Advance(bench.Limits.ListTime);
        Assert.True(await asking is null, kind);
        Assert.NotNull(await bench.ListAsync(Zone, "192.0.2.101"));
    }

    [Fact]
    public async Task Aliases_in_a_circle_let_the_client_in()
    {
        await using var bench = new InquiryBench().List(Zone);
        bench.Dns.Set("7.2.0.192.list.example", DnsType.A, DnsReply.Of(
            DnsRecord.Alias("7.2.0.192.list.example", "x.example"), DnsRecord.Alias("x.example", "7.2.0.192.list.example")));
        Assert.Null(await bench.ListAsync(Zone, "192.0.2.7"));
    }

    [Fact]
    public async Task A_list_that_has_begun_to_list_the_world_refuses_nobody()
    {
        await using var bench = new InquiryBench().List(Zone);
        Assert.NotNull(await bench.ListAsync(Zone, "192.0.2.100"));
        bench.Dns.Addresses("1.0.0.127.list.example", "127.0.0.2").Addresses("7.2.0.192.list.example", "127.0.0.2");
        bench.Time.Advance(bench.Limits.HitTestTime + TimeSpan.FromMilliseconds(1));
        Assert.Null(await bench.ListAsync(Zone, "192.0.2.7"));
        await bench.LoggedAsync($"Warning dns list {Zone}: not used for IPv4 clients: it lists what no list may, and so everybody");
    }

    [Fact]
    public async Task The_lists_of_the_policy_in_force_are_tested_and_no_others()
    {
        await using var bench = new InquiryBench().List(Zone).List("other.example");
        bench.Zones = [InquiryBench.Domain(Zone)];
        bench.Inquirer.Lists.Review();
        await bench.Dns.UntilAskedAsync("2.0.0.127.list.example A");
        bench.Zones = [InquiryBench.Domain("other.example")];
        bench.Inquirer.Lists.Review();
        Assert.NotNull(await bench.ListAsync("other.example", "192.0.2.7")); // its test is over
        bench.Time.Advance(bench.Limits.TestInterval);
        await bench.Dns.UntilAskedAsync("2.0.0.127.other.example A", 2);
        Assert.Single(bench.Dns.Questions, "2.0.0.127.list.example A");
    }

    private static void Answer(InquiryBench bench, string name, string? address)
    {
        if (address is not null)
        {
            bench.Dns.Addresses(name, address);
        }
    }
}
