using System.Net;
using Relay.Node.Dns;
using Relay.Node.Tests.Outbound;
using Relay.TestKit.Dns;

namespace Relay.Node.Tests.Dns;

/// <summary>What name servers say, and how long it is believed. Whatever cannot be read is trouble that may pass, never a failure of the node.</summary>
public sealed class DnsQuestionsTests
{
    private static readonly DnsRecord Host = DnsRecord.Address("end.example", IPAddress.Parse("192.0.1.1"));

    public static TheoryData<string, DnsReply> Unreadable => new()
    {
        { "silence", DnsReply.Silence },
        { "nothing", DnsReply.Raw(_ => []) },
        { "garbage", DnsReply.Raw(_ => [.. Enumerable.Range(0, 40).Select(i => (byte)(i * 37))]) },
        { "another id", DnsReply.Raw(head => [(byte)~head[0], .. head[1..]]) },
        { "answers that are missing", DnsReply.Raw(head => [.. head[..7], 5, .. head[8..]]) },
        {
            "a name that points to itself",
            DnsReply.Raw(head => [.. head[..7], 1, .. head[8..], 0xC0, (byte)head.Length, 0, 15, 0, 1, 0, 0, 0, 60, 0, 4, 0, 10, 0xC0, (byte)head.Length])
        },
        { "server failure", DnsReply.Code(2) },
        { "refused", DnsReply.Code(5) },
        { "not implemented", DnsReply.Code(4) },
        { "cut off", DnsReply.Truncated },
    };

    [Theory]
    [MemberData(nameof(Unreadable))]
    public async Task What_cannot_be_read_is_trouble_and_is_asked_again(string kind, DnsReply reply)
    {
        await using var bench = new LookupBench();
        bench.Dns.Set("relay.example", DnsType.Any, reply);
        var asking = bench.Questions.AskAsync("relay.example", QueryType.MX, CancellationToken.None);
        await bench.Dns.UntilAskedAsync("relay.example MX");
        bench.Time.Advance(LookupBench.ServerTime);
        var answer = await asking;
        Assert.True(answer.Kind == DnsAnswerKind.Trouble, kind);
        Assert.Equal("DNS look-up of relay.example MX failed", answer.Problem);
        var line = Assert.Single(bench.Log.Lines);
        Assert.StartsWith("Warning dns: no answer for relay.example MX: ", line, StringComparison.Ordinal);
        Assert.True(line.Length > "Warning dns: no answer for relay.example MX: ".Length + 5, line);

        bench.Dns.Mx("relay.example", "10 mx.example");
        Assert.Equal(DnsAnswerKind.Records, (await bench.Questions.AskAsync("relay.example", QueryType.MX, CancellationToken.None)).Kind);
    }

    [Fact]
    public async Task Names_of_an_address_are_read_by_way_of_an_alias_too()
    {
        await using var bench = new LookupBench();
        bench.Dns
            .Set("1.2.0.192.in-addr.arpa", DnsType.ReverseName, DnsReply.Of(
                DnsRecord.Alias("1.2.0.192.in-addr.arpa", "1.customer.example"),
                DnsRecord.HostName("1.customer.example", "A.example"),
                DnsRecord.HostName("1.customer.example", "b.example"),
                DnsRecord.HostName("2.customer.example", "other.example")));
        var answer = await bench.Questions.AskAsync("1.2.0.192.in-addr.arpa", QueryType.PTR, CancellationToken.None);
        Assert.Equal("a.example b.example", string.Join(' ', answer.Names));
    }

    [Fact]
    public async Task A_question_can_be_asked_again_though_its_answer_holds()
    {
        await using var bench = new LookupBench();
        bench.Dns.Addresses("a.example", "192.0.1.1");
        await AskAsync(bench, "a.example");
        bench.Dns.Addresses("a.example", "192.0.1.2");
        Assert.Equal("192.0.1.1", Assert.Single((await AskAsync(bench, "a.example")).Addresses).ToString());
        Assert.Equal("192.0.1.2", Assert.Single((await bench.Questions.AskAnewAsync("a.example", QueryType.A, CancellationToken.None)).Addresses).ToString());
        Assert.Equal("192.0.1.2", Assert.Single((await AskAsync(bench, "a.example")).Addresses).ToString());
    }

    [Fact]
    public async Task Aliases_are_followed_within_an_answer_and_from_one_to_the_next()
    {
        await using var bench = new LookupBench();
        bench.Dns
            .Set("a.example", DnsType.A, DnsReply.Of(Host, DnsRecord.Alias("b.example", "End.example"), DnsRecord.Alias("a.example", "b.example")))
            .Set("step.example", DnsType.A, DnsReply.Of(DnsRecord.Alias("step.example", "end.example")))
            .Set("end.example", DnsType.A, DnsReply.Of(Host))
            .Set("dead.example", DnsType.A, DnsReply.Of(DnsRecord.Alias("dead.example", "gone.example")));
        foreach (var name in new[] { "a.example", "step.example", "end.example" })
        {
            Assert.Equal("192.0.1.1", Assert.Single((await AskAsync(bench, name)).Addresses).ToString());
        }

        Assert.Equal(DnsAnswerKind.NoSuchName, (await AskAsync(bench, "dead.example")).Kind);
    }

    [Fact]
    public async Task A_domain_that_is_an_alias_has_the_mail_exchangers_of_its_target()
    {
        await using var bench = new LookupBench();
        bench.Dns.Set("alias.example", DnsType.Mx, DnsReply.Of(
            DnsRecord.Alias("alias.example", "real.example"), DnsRecord.Mx("real.example", 10, "mx.example")));
        Assert.Equal("mx.example", (await bench.SiteAsync("alias.example")).Site!.Name);
    }

    [Fact]
    public async Task Aliases_in_a_circle_and_too_many_of_them_are_trouble()
    {
        await using var bench = new LookupBench();
        bench.Dns
            .Set("self.example", DnsType.A, DnsReply.Of(DnsRecord.Alias("self.example", "self.example")))
            .Set("ping.example", DnsType.A, DnsReply.Of(DnsRecord.Alias("ping.example", "pong.example")))
            .Set("pong.example", DnsType.A, DnsReply.Of(DnsRecord.Alias("pong.example", "ping.example")))
            .Set("n9.example", DnsType.A, DnsReply.Of(DnsRecord.Address("n9.example", IPAddress.Parse("192.0.1.1"))));
        for (var i = 0; i < 9; i++)
        {
            bench.Dns.Set($"n{i}.example", DnsType.A, DnsReply.Of(DnsRecord.Alias($"n{i}.example", $"n{i + 1}.example")));
        }

        Assert.Equal(DnsAnswerKind.Trouble, (await AskAsync(bench, "self.example")).Kind);
        Assert.Equal(DnsAnswerKind.Trouble, (await AskAsync(bench, "ping.example")).Kind);
        Assert.Equal(DnsAnswerKind.Trouble, (await AskAsync(bench, "n0.example")).Kind);
        Assert.Equal(DnsAnswerKind.Records, (await AskAsync(bench, "n1.example")).Kind); // eight
    }

    [Fact]
    public async Task Records_of_other_names_are_passed_over()
    {
        await using var bench = new LookupBench();
        bench.Dns.Set("relay.example", DnsType.A, DnsReply.Of(Host));
        Assert.Equal(DnsAnswerKind.NoRecords, (await AskAsync(bench, "relay.example")).Kind);
    }

    [Theory]
    [InlineData(10u, 30)]
    [InlineData(120u, 120)]
    [InlineData(86_400u, 300)]
    public async Task That_there_is_nothing_is_believed_for_the_zones_time_within_bounds(uint ttl, int seconds)
    {
        await using var bench = new LookupBench();
        foreach (var (name, code) in new[] { ("none.example", (byte)3), ("empty.example", (byte)0) })
        {
            bench.Dns.Set(name, DnsType.Any, DnsReply.Of(code, [], [DnsRecord.Soa("example", ttl) with { Ttl = 100_000 }]));
            Assert.Equal(TimeSpan.FromSeconds(seconds), (await AskAsync(bench, name)).ValidFor);
            bench.Time.Advance(TimeSpan.FromSeconds(seconds - 1));
            await AskAsync(bench, name);
            Assert.Single(bench.Dns.Questions, $"{name} A");
            bench.Time.Advance(TimeSpan.FromSeconds(1));
            await AskAsync(bench, name);
            Assert.Equal(2, bench.Dns.Questions.Count(question => question == $"{name} A"));
        }
    }

    [Fact]
    public async Task A_flood_of_trouble_is_ten_lines_a_minute_and_a_number()
    {
        await using var bench = new LookupBench();
        for (var i = 0; i < 25; i++)
        {
            bench.Dns.Set($"d{i}.example", DnsType.Any, DnsReply.Code(2));
            await AskAsync(bench, $"d{i}.example");
        }

        Assert.Equal(10, bench.Log.Lines.Count);
        bench.Time.Advance(TimeSpan.FromMinutes(1));
        await AskAsync(bench, "d0.example");
        Assert.Equal(["Warning dns: 15 more questions had no answer", "Warning dns: no answer for d0.example A: the name server answers that it has failed"], bench.Log.Lines.Skip(10));
    }

    [Fact]
    public async Task A_line_about_trouble_is_one_line_whatever_was_asked_and_answered()
    {
        await using var bench = new LookupBench();
        await AskAsync(bench, "a\nb.example");
        Assert.Equal("Warning dns: no answer for a\\u000ab.example A: no name that can be asked for", Assert.Single(bench.Log.Lines));
        await AskAsync(bench, new string('a', 10_000));
        Assert.True(bench.Log.Lines.Last().Length < 400, bench.Log.Lines.Last());
        bench.Dns.Set("relay.example", DnsType.A, DnsReply.Of(Host).Edited(answer => answer[7] = 9));
        await AskAsync(bench, "relay.example");
        Assert.DoesNotContain(bench.Log.Lines.Last(), char.IsControl);
        Assert.True(bench.Log.Lines.Last().Length < 400, bench.Log.Lines.Last());
    }

    [Fact]
    public async Task Records_of_another_class_or_type_are_passed_over()
    {
        await using var bench = new LookupBench();
        var record = DnsReply.Of(DnsRecord.Address("relay.example", IPAddress.Parse("192.0.1.1")));
        bench.Dns.Set("relay.example", DnsType.A, record.Edited(answer => answer[^11] = 3)).Set("relay.example", DnsType.Mx, record);
        Assert.Equal(DnsAnswerKind.NoRecords, (await AskAsync(bench, "relay.example")).Kind);
        Assert.Equal(DnsAnswerKind.NoRecords, (await bench.Questions.AskAsync("relay.example", QueryType.MX, CancellationToken.None)).Kind);
    }

    [Fact]
    public async Task A_cancelled_question_is_cancelled()
    {
        await using var bench = new LookupBench();
        bench.Dns.Set("relay.example", DnsType.Any, DnsReply.Silence);
        using var cancelled = new CancellationTokenSource();
        var asking = bench.Questions.AskAsync("relay.example", QueryType.MX, cancelled.Token);
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
        Assert.Empty(bench.Log.Lines);
    }

    private static Task<DnsAnswer> AskAsync(LookupBench bench, string name) => bench.Questions.AskAsync(name, QueryType.A, CancellationToken.None);
}
