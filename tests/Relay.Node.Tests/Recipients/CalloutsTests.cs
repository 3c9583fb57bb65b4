using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.Logging;
using Relay.Actors.Deliveries;
using Relay.Actors.Policy;
using Relay.Node.Outbound;
using Relay.Node.Recipients;
using Relay.Node.Settings;
using Relay.Node.Tests.Cluster;
using Relay.Policy.Decisions;
using Relay.Policy.Documents;
using Relay.Policy.Findings;
using Relay.Policy.Values;
using Relay.Smtp.Addresses;
using Relay.Smtp.Client;
using Relay.TestKit;
using Relay.TestKit.Smtp;

namespace Relay.Node.Tests.Recipients;

/// <summary>Questions to next hops that are real servers on loopback.</summary>
public sealed class CalloutsTests : IDisposable
{
    private const string Ok = "250 2.0.0 Ok";
    private const string Hello = "250 hop.example";

    private static readonly Dictionary<string, Func<ScriptedPeer, Task>> Hostile = new()
    {
        ["greets with a refusal"] = peer => peer.SendAsync("554 5.7.1 Go away\r\n"),
        ["speaks another protocol"] = peer => peer.SendAsync("SSH-2.0-OpenSSH_9.2\r\n"),
        ["never ends a line"] = peer => peer.SendAsync("220 " + new string('x', 1 << 20)),
        ["closes at once"] = _ => Task.CompletedTask,
        ["refuses EHLO and HELO"] = peer => peer.AnswerAsync("550 5.7.1 Not you", "550 5.7.1 Not you"),
        ["closes after EHLO"] = peer => peer.AnswerAsync(Hello),
        ["refuses the null sender"] = peer => peer.AnswerAsync(Hello, "550 5.1.1 No bounces here", "221 Bye"),
        ["defers the null sender"] = peer => peer.AnswerAsync(Hello, "451 4.7.1 Later", "221 Bye"),
        ["closes after MAIL"] = peer => peer.AnswerAsync(Hello, Ok),
        ["resets at RCPT"] = ResetAtRecipientAsync,
        ["leaves at RCPT"] = peer => peer.AnswerAsync(Hello, Ok, "421 4.3.2 Shutting down"),
        ["wants DATA at RCPT"] = peer => peer.AnswerAsync(Hello, Ok, "354 Go"),
        ["answers with no known code"] = peer => peer.AnswerAsync(Hello, Ok, "999 What"),
        ["closes in the middle of its answer"] = CutAnswerAsync,
        ["mixes codes"] = peer => peer.AnswerAsync(Hello, Ok, "250-yes\r\n550 no"),
        ["says nothing"] = peer => peer.ReadLineAsync(),
        ["says nothing to RCPT"] = SilentAtRecipientAsync,
    };

    private static readonly ClientFacts Client = new(IPAddress.Parse("192.0.2.9"), "public", null);

    private readonly CapturedLog _log = new();
    private readonly LoggerFactory _loggers;
    private readonly List<IDisposable> _made = [];

    public CalloutsTests()
    {
        _loggers = new LoggerFactory([_log]);
    }

    public static TheoryData<string> HostileNames => [.. Hostile.Keys];

    public void Dispose()
    {
        _made.ForEach(made => made.Dispose());
        _loggers.Dispose();
    }

    [Fact]
    public async Task The_next_hop_is_asked_once_for_each_recipient_over_one_connection()
    {
        var asked = new ConcurrentQueue<string>();
        await using var hop = ScriptedServer.Start(peer => TellAsync(peer, asked));
        var (callouts, policy) = Make(hop.EndPoint);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(RecipientFinding.Known, await callouts.FindAsync(policy, PathOf("ok@relay.example"), Client));
            Assert.Equal(RecipientFinding.Unknown, await callouts.FindAsync(policy, PathOf("never@relay.example"), Client));
            Assert.Equal(RecipientFinding.Known, await callouts.FindAsync(policy, PathOf("ok@Relay.EXAMPLE"), Client));
        }

        Assert.Equal(["MAIL FROM:<>", "RCPT TO:<ok@relay.example>", "RSET", "MAIL FROM:<>", "RCPT TO:<never@relay.example>"], asked.Take(5));
        Assert.DoesNotContain("DATA", asked);
        Assert.Equal(2, asked.Count(line => line.StartsWith("RCPT", StringComparison.Ordinal)));
        Assert.Equal(1, hop.Connections);
        Assert.Empty(_log.Lines);
    }

    [Fact]
    public async Task Others_who_ask_the_same_wait_for_the_same_answer()
    {
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var asked = new ConcurrentQueue<string>();
        await using var hop = ScriptedServer.Start(async peer =>
        {
            await goOn.Task;
            await TellAsync(peer, asked);
        });
        var (callouts, policy) = Make(hop.EndPoint);
        var answers = Enumerable.Range(0, 20).Select(_ => callouts.FindAsync(policy, PathOf("ok@relay.example"), Client).AsTask()).ToArray();
        goOn.SetResult();
        Assert.All(await Task.WhenAll(answers), answer => Assert.Equal(RecipientFinding.Known, answer));
        Assert.Single(asked, line => line.StartsWith("RCPT", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(HostileNames))]
    public async Task Whatever_is_no_clear_answer_is_trouble_and_the_hop_is_left_alone(string name)
    {
        await using var hop = ScriptedServer.Start(Hostile[name]);
        var limits = new CalloutLimits { AnswerTime = TimeSpan.FromSeconds(name.StartsWith("says nothing", StringComparison.Ordinal) ? 1 : 30), ConnectTime = TimeSpan.FromMilliseconds(500), LossesMax = 1 };
        var (callouts, policy) = Make(hop.EndPoint, limits);
        Assert.Equal(RecipientFinding.Trouble, await callouts.FindAsync(policy, PathOf("ok@relay.example"), Client));
        var connections = hop.Connections;
        Assert.InRange(connections, 1, 2); // a second one without TLS, where it broke before
        Assert.Equal(RecipientFinding.Trouble, await callouts.FindAsync(policy, PathOf("other@relay.example"), Client));
        Assert.Equal(connections, hop.Connections);
        Assert.Contains("did not tell whether one exists", Assert.Single(_log.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_recipient_that_is_put_off_says_nothing_of_the_others()
    {
        var asked = new ConcurrentQueue<string>();
        await using var hop = ScriptedServer.Start(peer => TellAsync(peer, asked));
        var (callouts, policy) = Make(hop.EndPoint);
        Assert.Equal(RecipientFinding.Trouble, await callouts.FindAsync(policy, PathOf("later@relay.example"), Client));
        Assert.Equal(RecipientFinding.Known, await callouts.FindAsync(policy, PathOf("ok@relay.example"), Client));
        Assert.Equal(RecipientFinding.Trouble, await callouts.FindAsync(policy, PathOf("later@relay.example"), Client));
        Assert.Equal(1, asked.Count(line => line == "RCPT TO:<later@relay.example>")); // it is not asked for again at once
    }

    [Fact]
    public async Task A_recipient_that_the_hop_is_lost_over_closes_it_to_nobody_else_until_it_is_the_third()
    {
        await using var hop = ScriptedServer.Start(async peer =>
        {
            await TellAsync(peer, [], losing: "RCPT TO:<lost");
            peer.Reset();
        });
        var (callouts, policy) = Make(hop.EndPoint);
        Assert.Equal(RecipientFinding.Trouble, await callouts.FindAsync(policy, PathOf("lost1@relay.example"), Client));
        Assert.Equal(RecipientFinding.Known, await callouts.FindAsync(policy, PathOf("ok1@relay.example"), Client));
        Assert.Equal(RecipientFinding.Trouble, await callouts.FindAsync(policy, PathOf("lost1@relay.example"), Client));
        foreach (var lost in (string[])["lost2", "lost3", "lost4"])
        {
            Assert.Equal(RecipientFinding.Trouble, await callouts.FindAsync(policy, PathOf(lost + "@relay.example"), Client));
        }

        var connections = hop.Connections;
        Assert.Equal(RecipientFinding.Trouble, await callouts.FindAsync(policy, PathOf("ok2@relay.example"), Client));
        Assert.Equal(connections, hop.Connections);
    }

    [Fact]
    public async Task A_client_that_tries_out_addresses_uses_up_its_own_questions_only()
    {
        await using var hop = ScriptedServer.Start(peer => TellAsync(peer, []));
        var (callouts, policy) = Make(hop.EndPoint, new CalloutLimits { ClientRate = new Rate(3, TimeSpan.FromHours(1)) });
        for (var i = 0; i < 6; i++)
        {
            Assert.Equal(i < 3 ? RecipientFinding.Unknown : RecipientFinding.Busy, await callouts.FindAsync(policy, PathOf($"never{i}@relay.example"), Client));
        }

        Assert.Equal(RecipientFinding.Unknown, await callouts.FindAsync(policy, PathOf("never0@relay.example"), Client)); // remembered
        Assert.Equal(RecipientFinding.Known, await callouts.FindAsync(policy, PathOf("ok@relay.example"), Client with { Address = IPAddress.Parse("198.51.100.7") }));
        Assert.Equal(RecipientFinding.Known, await callouts.FindAsync(policy, PathOf("ok@relay.example"), Client));
    }

    [Fact]
    public async Task A_network_of_clients_that_tries_out_addresses_uses_up_its_own_questions_only()
    {
        await using var hop = ScriptedServer.Start(peer => TellAsync(peer, []));
        var (callouts, policy) = Make(hop.EndPoint, new CalloutLimits { NetworkRate = new Rate(3, TimeSpan.FromHours(1)) });
        for (var i = 0; i < 6; i++)
        {
            var neighbour = Client with { Address = IPAddress.Parse($"2001:db8:5:{i:x}::1") };
            Assert.Equal(i < 3 ? RecipientFinding.Unknown : RecipientFinding.Busy, await callouts.FindAsync(policy, PathOf($"never{i}@relay.example"), neighbour));
        }

        Assert.Equal(RecipientFinding.Known, await callouts.FindAsync(policy, PathOf("ok@relay.example"), Client));
    }

    [Fact]
    public async Task Whoever_asks_for_much_waits_behind_a_network_that_asks_for_little()
    {
        var asked = new ConcurrentQueue<string>();
        using var answers = new SemaphoreSlim(0);
        await using var hop = ScriptedServer.Start(peer => TellAsync(peer, asked, answering: () => answers.WaitAsync()));
        var (callouts, policy) = Make(hop.EndPoint, new CalloutLimits { HopConnectionsMax = 2 });
        var other = Client with { Address = IPAddress.Parse("198.51.100.7") };
        List<Task<RecipientFinding>> waiting = [.. Enumerable.Range(0, 5).Select(i => callouts.FindAsync(policy, PathOf($"ok{i}@relay.example"), Client).AsTask())];
        waiting.Add(callouts.FindAsync(policy, PathOf("ok-other@relay.example"), other).AsTask());
        string[] Recipients() => [.. asked.Where(static line => line.StartsWith("RCPT", StringComparison.Ordinal))];
        try
        {
            await Eventually.TrueAsync(() => Recipients().Length == 2);
            answers.Release();
            await Eventually.TrueAsync(() => Recipients().Length == 3);
        }
        finally
        {
            answers.Release(10);
        }

        Assert.All(await Task.WhenAll(waiting), static answer => Assert.Equal(RecipientFinding.Known, answer));
        Assert.Equal("RCPT TO:<ok-other@relay.example>", Recipients()[2]);
    }

    [Fact]
    public async Task Nobody_makes_a_recipient_unknown_by_writing_it_in_another_way()
    {
        await using var hop = ScriptedServer.Start(peer => TellAsync(peer, [])); // knows "ok" in lower case and without quotes
        var (callouts, policy) = Make(hop.EndPoint);
        foreach (var spelling in new[] { "OK", "Ok", "\"ok\"" })
        {
            Assert.Equal(RecipientFinding.Unknown, await callouts.FindAsync(policy, PathOf($"{spelling}@relay.example"), Client));
        }

        Assert.Equal(RecipientFinding.Known, await callouts.FindAsync(policy, PathOf("ok@relay.example"), Client));
        Assert.Equal(RecipientFinding.Unknown, await callouts.FindAsync(policy, PathOf("Ok@relay.example"), Client));
    }

    [Fact]
    public async Task A_hop_has_so_many_connections_and_all_get_their_answer()
    {
        var (open, most) = (0, 0);
        await using var hop = ScriptedServer.Start(async peer =>
        {
            most = Math.Max(most, Interlocked.Increment(ref open));
            await TellAsync(peer, [], quitting: () => Interlocked.Decrement(ref open));
        });
        var (callouts, policy) = Make(hop.EndPoint, new CalloutLimits { HopConnectionsMax = 2 });
        var answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(i =>
            callouts.FindAsync(policy, PathOf($"{(i % 2 == 0 ? "ok" : "never")}{i}@relay.example"), Client).AsTask()));
        Assert.Equal(30, answers.Count(answer => answer == RecipientFinding.Known));
        Assert.Equal(30, answers.Count(answer => answer == RecipientFinding.Unknown));
        Assert.InRange(most, 1, 2);
        Assert.InRange(hop.Connections, 6, 30); // five unknown recipients a connection
    }

    [Fact]
    public async Task Whoever_tries_out_addresses_costs_the_hop_its_rate_and_no_more()
    {
        var asked = new ConcurrentQueue<string>();
        await using var hop = ScriptedServer.Start(peer => TellAsync(peer, asked));
        var (callouts, policy) = Make(hop.EndPoint, new CalloutLimits { HopRate = new Rate(10, TimeSpan.FromHours(1)) });
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal(i < 10 ? RecipientFinding.Unknown : RecipientFinding.Busy, await callouts.FindAsync(policy, PathOf($"never{i}@relay.example"), Client));
        }

        Assert.Equal(10, asked.Count(line => line.StartsWith("RCPT", StringComparison.Ordinal)));
        Assert.Equal(RecipientLog.LinesMax, _log.Lines.Count);
        Assert.Contains("asked too often", _log.Lines.First(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Too_many_questions_at_once_are_put_off_at_once()
    {
        await using var hop = ScriptedServer.Start(peer => peer.ReadLineAsync());
        var (callouts, policy) = Make(hop.EndPoint, new CalloutLimits { QuestionsMax = 3 });
        var waiting = Enumerable.Range(0, 3).Select(i => callouts.FindAsync(policy, PathOf($"u{i}@relay.example"), Client).AsTask()).ToArray();
        Assert.Equal(RecipientFinding.Busy, await callouts.FindAsync(policy, PathOf("u4@relay.example"), Client));
        Assert.All(waiting, answer => Assert.False(answer.IsCompleted));
        callouts.Stop();
        Assert.All(await Task.WhenAll(waiting), answer => Assert.Equal(RecipientFinding.Trouble, answer));
    }

    [Fact]
    public async Task A_kept_connection_that_is_gone_is_no_trouble()
    {
        await using var hop = ScriptedServer.Start(peer => peer.AnswerAsync(Hello, Ok, Ok)); // and closes
        var (callouts, policy) = Make(hop.EndPoint);
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(RecipientFinding.Known, await callouts.FindAsync(policy, PathOf($"u{i}@relay.example"), Client));
        }

        Assert.Equal(5, hop.Connections);
    }

    [Fact]
    public async Task An_LMTP_server_is_asked_in_its_language()
    {
        var asked = new ConcurrentQueue<string>();
        await using var hop = ScriptedServer.Start(peer => TellAsync(peer, asked, "LHLO"));
        var (callouts, policy) = Make(hop.EndPoint, scheme: "lmtp");
        Assert.Equal(RecipientFinding.Known, await callouts.FindAsync(policy, PathOf("ok@relay.example"), Client));
        Assert.Equal(RecipientFinding.Unknown, await callouts.FindAsync(policy, PathOf("never@relay.example"), Client));
    }

    [Fact]
    public async Task A_demand_of_TLS_holds_for_questions_too()
    {
        var asked = new ConcurrentQueue<string>();
        await using var hop = ScriptedServer.Start(peer => TellAsync(peer, asked));
        var (callouts, policy) = Make(hop.EndPoint, more: ", \"tls\": \"encrypt\"");
        Assert.Equal(RecipientFinding.Trouble, await callouts.FindAsync(policy, PathOf("ok@relay.example"), Client));
        Assert.Empty(asked);
        Assert.Contains("TLS is required", Assert.Single(_log.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_stays_open_when_it_stops()
    {
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var hop = ScriptedServer.Start(async peer =>
        {
            try
            {
                await SilentAtRecipientAsync(peer);
            }
            finally
            {
                closed.SetResult();
            }
        });
        var slots = new OutboundSlots(10);
        var (callouts, policy) = Make(hop.EndPoint, slots: slots);
        var answer = callouts.FindAsync(policy, PathOf("ok@relay.example"), Client).AsTask();
        await Eventually.TrueAsync(() => hop.Connections > 0);

        callouts.Stop();
        Assert.Equal(RecipientFinding.Trouble, await answer);
        await closed.Task.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(0, slots.InUse);
    }

    private static MailPath PathOf(string text) => MailPath.TryParse(text, out var path) ? path : throw new ArgumentException(text);

    /// <summary>Takes whoever begins with ok, puts off later, and knows nobody else.</summary>
    private static async Task TellAsync(
        ScriptedPeer peer, ConcurrentQueue<string> asked, string hello = "EHLO", Action? quitting = null, string? losing = null, Func<Task>? answering = null)
    {
        await peer.SendAsync("220 hop.example\r\n");
        Assert.StartsWith(hello, await peer.ReadLineAsync(), StringComparison.Ordinal);
        await peer.SendAsync("250-hop.example\r\n250 PIPELINING\r\n");
        while (true)
        {
            var line = await peer.ReadLineAsync();
            asked.Enqueue(line);
            if (answering is not null && line.StartsWith("RCPT", StringComparison.Ordinal))
            {
                await answering();
            }

            if (line == "QUIT")
            {
                quitting?.Invoke();
            }
            else if (losing is not null && line.StartsWith(losing, StringComparison.Ordinal))
            {
                return;
            }

            await peer.SendAsync(
                line == "QUIT" ? "221 2.0.0 Bye\r\n"
                : !line.StartsWith("RCPT", StringComparison.Ordinal) || line.StartsWith("RCPT TO:<ok", StringComparison.Ordinal) ? Ok + "\r\n"
                : line.StartsWith("RCPT TO:<later", StringComparison.Ordinal) ? "450 4.2.0 Later\r\n"
                : "550 5.1.1 No such user\r\n");
        }
    }

    private static async Task ResetAtRecipientAsync(ScriptedPeer peer)
    {
        await peer.AnswerAsync(Hello, Ok);
        await peer.ReadLineAsync();
        peer.Reset();
    }

    private static async Task CutAnswerAsync(ScriptedPeer peer)
    {
        await peer.AnswerAsync(Hello, Ok);
        await peer.ReadLineAsync();
        await peer.SendAsync("550 5.1.1 No suc");
    }

    private static async Task SilentAtRecipientAsync(ScriptedPeer peer)
    {
        await peer.AnswerAsync(Hello, Ok);
        await peer.ReadLineAsync();
        await peer.ReadLineAsync();
    }

    private (Callouts Callouts, PolicySnapshot Policy) Make(
        IPEndPoint hop, CalloutLimits? limits = null, string scheme = "smtp", string more = "", OutboundSlots? slots = null)
    {
        var text = $$"""{ "acceptedDomains": ["relay.example"], "routes": [ { "domain": "*", "to": "{{scheme}}://{{hop}}"{{more}} } ] }""";
        var policy = PolicySnapshot.Compile(PolicyParser.Parse(System.Text.Encoding.UTF8.GetBytes(text)).Document!, 1);
        var agent = new PolicyAgent(policy);
        var lookups = new OutboundLookups(new NodeSettings(), agent, new MailExchangerPort(), _loggers, TimeProvider.System);
        var delivery = new DeliveryResources(
            lookups.NextHops, new TcpConnector(), null!, agent, new ClientDialogueOptions("mx.relay.example"), TimeProvider.System)
        {
            Slots = slots ?? new OutboundSlots(OutboundSlots.DefaultMax),
        };
        var log = new RecipientLog(_loggers.CreateLogger<RecipientLog>(), TimeProvider.System);
        var callouts = new Callouts(lookups.Sites, delivery, log, limits ?? new CalloutLimits());
        _made.AddRange([callouts, lookups]);
        return (callouts, policy);
    }
}
