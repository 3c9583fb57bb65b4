using System.Net;
using ARSoft.Tools.Net.Dns;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Relay.Node.Dns;
using Relay.Node.Settings;
using Relay.Node.Tests.Cluster;
using Relay.TestKit.Dns;

namespace Relay.Node.Tests.Dns;

/// <summary>Which answers are believed, of whom, and what is done while none comes (RFC 5452 section 9).</summary>
public sealed class NameServersTests : IAsyncLifetime
{
    private const string Name = "relay.example";
    private const string Question = "relay.example A";

    private static readonly TimeSpan ServerTime = TimeSpan.FromSeconds(2);
    private static readonly DnsReply Right = DnsReply.Of(DnsRecord.Address(Name, IPAddress.Parse("192.0.2.1")));
    private static readonly DnsReply Forged = DnsReply.Of(DnsRecord.Address(Name, IPAddress.Parse("203.0.113.66")));

    private readonly FakeTimeProvider _time = new();
    private readonly StubNameServer _dns = StubNameServer.Start();
    private readonly StubNameServer _other = StubNameServer.Start();

    public static TheoryData<string, DnsReply> Misfits => new()
    {
        { "from another address", Forged.FromElsewhere() },
        { "failure from another address", DnsReply.Code(2).FromElsewhere() },
        { "another id", Forged.Edited(answer => answer[1] ^= 1) },
        { "no such name with another id", DnsReply.Code(3).Edited(answer => answer[0] ^= 0x80) },
        { "another name", Forged.Edited(answer => answer[13] = (byte)'x') },
        { "another type", Forged.Edited(answer => answer[28] = 28) },
        { "another class", Forged.Edited(answer => answer[30] = 3) },
        { "two questions", Forged.Edited(answer => answer[5] = 2) },
        { "no question", DnsReply.Raw(head => [head[0], head[1], 0x81, 0x83, 0, 0, 0, 0, 0, 0, 0, 0]) },
        { "a query", Forged.Edited(answer => answer[2] &= 0x7F) },
        { "another kind of question", Forged.Edited(answer => answer[2] |= 0x20) },
        { "twelve zeros", DnsReply.Raw(_ => new byte[12]) },
        { "garbage", DnsReply.Raw(_ => [.. Enumerable.Range(0, 40).Select(i => (byte)(i * 37))]) },
        { "nothing", DnsReply.Raw(_ => []) },
        { "more than we asked for", DnsReply.Raw(head => [.. head, .. new byte[DnsExchange.DatagramMax]]) },
    };

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _dns.DisposeAsync();
        await _other.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(Misfits))]
    public async Task What_does_not_fit_the_question_is_passed_over_and_the_wait_goes_on(string kind, DnsReply misfit)
    {
        _dns.Set(Name, DnsType.A, Right.After(misfit, misfit));
        Assert.True(await AddressAsync(Asking(_dns)) == "192.0.2.1", kind);
        Assert.Single(_dns.Questions);
    }

    [Fact]
    public async Task Whoever_sends_many_answers_that_do_not_fit_makes_us_ask_over_TCP()
    {
        _dns.Set(Name, DnsType.A, Forged.After([.. Enumerable.Repeat(Forged.Edited(answer => answer[1] ^= 1), DnsExchange.MisfitsMax)]));
        _dns.SetOverTcp(Name, DnsType.A, Right);
        Assert.Equal("192.0.2.1", await AddressAsync(Asking(_dns)));
    }

    [Fact]
    public async Task An_answer_that_is_cut_off_comes_over_TCP_whole()
    {
        var many = DnsReply.Of([.. Enumerable.Range(0, 200).Select(i => DnsRecord.Address(Name, IPAddress.Parse($"192.0.2.{i}")))]);
        _dns.Set(Name, DnsType.A, DnsReply.Truncated).SetOverTcp(Name, DnsType.A, many);
        var reply = await Asking(_dns);
        Assert.Equal(200, reply.Message!.AnswerRecords.Count);
    }

    [Fact]
    public async Task Over_TCP_too_only_the_answer_to_the_question_counts()
    {
        foreach (var (reply, cause) in new (DnsReply, string)[]
        {
            (Forged.Edited(answer => answer[0] ^= 1), "an answer to another question"),
            (Forged.Edited(answer => answer[13] = (byte)'x'), "an answer to another question"),
            (DnsReply.Raw(_ => []), "an answer to another question"),
            (DnsReply.Code(2), "that it has failed"),
            (DnsReply.Truncated, "cut off over TCP too"),
        })
        {
            _dns.Set(Name, DnsType.A, DnsReply.Truncated).SetOverTcp(Name, DnsType.A, reply);
            var said = await Asking(_dns);
            Assert.Null(said.Message);
            Assert.Contains(cause, said.Cause, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(2, "the name server answers that it has failed")]
    [InlineData(4, "the name server answers that it does not answer such questions")]
    [InlineData(5, "the name server answers that it refuses")]
    public async Task A_server_that_says_no_is_not_asked_again_and_the_next_one_is(byte code, string cause)
    {
        _dns.Set(Name, DnsType.A, DnsReply.Code(code));
        Assert.Equal(cause, (await Asking(_dns)).Cause);
        Assert.Single(_dns.Questions);
        _other.Set(Name, DnsType.A, Right);
        Assert.Equal("192.0.2.1", await AddressAsync(Asking(_dns, _other)));
    }

    [Fact]
    public async Task A_server_that_fails_where_another_one_answers_is_named_in_the_log()
    {
        var log = new CapturedLog();
        using var loggers = new LoggerFactory([log]);
        var troubles = new DnsTroubleLog(loggers.CreateLogger<DnsTroubleLog>(), _time);
        var servers = new NameServers([_dns.EndPoint, _other.EndPoint], ServerTime, 1, _time, troubles);
        _dns.Set(Name, DnsType.A, DnsReply.Code(2));
        _other.Set(Name, DnsType.A, DnsReply.Code(5));
        Assert.Null((await servers.AskAsync(Name, QueryType.A, CancellationToken.None)).Message);
        Assert.Empty(log.Lines); // nobody knows whose fault that is
        _other.Set(Name, DnsType.A, Right);
        Assert.NotNull((await servers.AskAsync(Name, QueryType.A, CancellationToken.None)).Message);
        Assert.Contains($"the name server {_dns.EndPoint} failed where another one answered: the name server answers that it has failed", Assert.Single(log.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_that_cannot_be_read_is_told_in_a_few_words_and_the_next_server_is_asked()
    {
        _dns.Set(Name, DnsType.A, Right.Edited(answer => answer[7] = 5));
        Assert.StartsWith("its answer cannot be read: ", (await Asking(_dns)).Cause, StringComparison.Ordinal);
        _other.Set(Name, DnsType.A, Right);
        Assert.Equal("192.0.2.1", await AddressAsync(Asking(_dns, _other)));
    }

    [Fact]
    public async Task A_silent_server_is_waited_for_then_the_next_one_is_asked_and_from_then_on_first()
    {
        _dns.Set(Name, DnsType.A, DnsReply.Silence);
        _other.Set(Name, DnsType.A, Right);
        var servers = Servers(_dns, _other);
        var asking = servers.AskAsync(Name, QueryType.A, CancellationToken.None);
        await _dns.UntilAskedAsync(Question);
        _time.Advance(ServerTime - TimeSpan.FromMilliseconds(1));
        Assert.Empty(_other.Questions);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal("192.0.2.1", await AddressAsync(asking));
        Assert.Equal("192.0.2.1", await AddressAsync(servers.AskAsync(Name, QueryType.A, CancellationToken.None)));
        Assert.Single(_dns.Questions);
    }

    [Fact]
    public async Task Servers_that_say_nothing_are_asked_again_and_then_given_up()
    {
        _dns.Set(Name, DnsType.A, DnsReply.Silence);
        _other.Set(Name, DnsType.A, DnsReply.Code(5));
        var asking = Servers(_dns, _other).AskAsync(Name, QueryType.A, CancellationToken.None);
        for (var times = 1; times <= 2; times++)
        {
            await _dns.UntilAskedAsync(Question, times);
            _time.Advance(ServerTime);
        }

        Assert.Equal("the name server answers that it refuses", (await asking).Cause);
        Assert.Single(_other.Questions);
        Assert.Equal(2, _dns.Questions.Count);
    }

    [Fact]
    public async Task Where_nobody_listens_the_next_server_is_asked_at_once()
    {
        _other.Set(Name, DnsType.A, Right);
        var servers = new NameServers([GoneEndPoint, _other.EndPoint], ServerTime, 1, _time);
        Assert.Equal("192.0.2.1", await AddressAsync(servers.AskAsync(Name, QueryType.A, CancellationToken.None)));
    }

    [Fact]
    public async Task A_server_that_does_not_know_EDNS_is_asked_without_it()
    {
        _dns.Set(Name, DnsType.A, DnsReply.ByQuery(query => query[11] == 1 ? DnsReply.Code(1) : Right));
        Assert.Equal("192.0.2.1", await AddressAsync(Asking(_dns)));
    }

    [Theory]
    [InlineData("a..b")]
    [InlineData("a b.example")]
    [InlineData("a\\.b.example")]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123.example")]
    public async Task What_is_no_name_is_not_asked_for(string name)
    {
        Assert.Equal("no name that can be asked for", (await Servers(_dns).AskAsync(name, QueryType.A, CancellationToken.None)).Cause);
        Assert.Equal("no name that can be asked for", (await Servers(_dns).AskAsync(string.Join('.', Enumerable.Repeat("a23456789", 26)), QueryType.A, CancellationToken.None)).Cause);
        Assert.Empty(_dns.Questions);
    }

    [Fact]
    public void Without_servers_in_the_settings_those_of_the_system_are_asked()
    {
        var servers = SystemResolvers.Read();
        Assert.NotEmpty(servers);
        Assert.All(servers, server => Assert.Equal(53, server.Port));
        if (File.Exists("/etc/resolv.conf"))
        {
            var named = File.ReadLines("/etc/resolv.conf")
                .Where(line => line.StartsWith("nameserver ", StringComparison.Ordinal))
                .Select(line => IPAddress.Parse(line.Split(' ', '\t')[1]))
                .DefaultIfEmpty(IPAddress.Loopback);
            Assert.Equal(named.Distinct(), servers.Select(server => server.Address));
        }

        Assert.NotNull(NameServers.Of(new DnsSection(), ServerTime, 1, _time));
    }

    private static IPEndPoint GoneEndPoint
    {
        get
        {
            using var socket = new System.Net.Sockets.UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
            return (IPEndPoint)socket.Client.LocalEndPoint!;
        }
    }

    private static async Task<string> AddressAsync(Task<ServerReply> asking)
    {
        var reply = await asking;
        Assert.True(reply.Message is not null, reply.Cause);
        return Assert.Single(reply.Message.AnswerRecords.OfType<ARecord>()).Address.ToString();
    }

    private NameServers Servers(params StubNameServer[] servers) => new(servers.Select(server => server.EndPoint), ServerTime, 1, _time);

    private Task<ServerReply> Asking(params StubNameServer[] servers) => Servers(servers).AskAsync(Name, QueryType.A, CancellationToken.None);
}
