using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Relay.Flood.Sink;
using Relay.Node.Tests.Crash;
using Relay.Node.Tests.Interop;
using Relay.TestKit.Smtp;

namespace Relay.Node.Tests.Policies;

/// <summary>One change after another while mail goes through all of three processes: soon in force on all, and no mail is judged by two versions.</summary>
/// <remarks>
/// Short here; bench/soak.sh --policy runs it for longer, by RELAY_POLICY_CHANGES, RELAY_POLICY_CLIENTS (a node) and RELAY_POLICY_REPORT (a file
/// for the figures).
/// </remarks>
[Collection(RunsAlone.Name)]
public sealed class PolicyLoadTests
{
    private const double MillisecondsMax = 500;

    [Fact]
    public async Task A_change_is_in_force_on_all_nodes_at_once_and_no_mail_is_judged_by_two_versions()
    {
        var (changes, clients) = (Setting("RELAY_POLICY_CHANGES", 20), Setting("RELAY_POLICY_CLIENTS", 2));
        await using var sink = SmtpSink.Start(new SinkSettings { Listen = new IPEndPoint(IPAddress.Loopback, 0) });
        await using var trio = await ProcessTrio.StartAsync(VersionJudge.Policy(1, sink.BoundEndPoint));
        var judge = new VersionJudge();
        using var enough = new CancellationTokenSource();
        var load = Enumerable.Range(0, ProcessTrio.Nodes * clients).Select(client => judge.JudgeAsync(trio.Smtp(client % ProcessTrio.Nodes), enough.Token)).ToArray();
        var open = await Task.WhenAll(Enumerable.Range(0, ProcessTrio.Nodes).Select(node => SmtpTestClient.GreetAsync(trio.Smtp(node))));
        // The first one finds out where everything is, and compiles it.
        await ApplyAsync(trio.Api(0), 2, sink.BoundEndPoint, judge);

        var milliseconds = new List<double>();
        for (long version = 3; version < changes + 3; version++)
        {
            await Task.WhenAll(open.Select(client => BeginAsync(client, version - 1)));
            milliseconds.Add(await ApplyAsync(trio.Api((int)(version % ProcessTrio.Nodes)), version, sink.BoundEndPoint, judge));
            await Task.WhenAll(open.Select(client => EndAsync(client, version)));
            Assert.DoesNotContain(load, static client => client.IsFaulted);
        }

        await enough.CancelAsync();
        await Task.WhenAll(load);
        await Task.WhenAll(open.Select(static client => client.DisposeAsync().AsTask()));
        await ReportAsync(changes, clients, milliseconds, judge);
        Assert.InRange(judge.MailsDuringChange, 1, int.MaxValue);
        // Of few changes the longest would be judged: one stall of the machine, and not how fast changes are.
        Assert.InRange(At(milliseconds, changes < 100 ? 0.5 : 0.99), 0, MillisecondsMax);
    }

    private static async Task BeginAsync(SmtpTestClient client, long version)
    {
        await VersionJudge.BeginAsync(client);
        Assert.Equal(VersionJudge.KindOf(version), await VersionJudge.KindAsync(client));
    }

    // The mail that is on keeps its version; the next one, sent at once behind the answer, has the new one.
    private static async Task EndAsync(SmtpTestClient client, long version)
    {
        Assert.Equal(VersionJudge.KindOf(version - 1), await VersionJudge.KindAsync(client));
        await VersionJudge.SendAsync(client);
        await BeginAsync(client, version);
        await VersionJudge.SendAsync(client);
    }

    // The time as whoever applies sees it, the whole of the request.
    private static async Task<double> ApplyAsync(HttpClient api, long version, IPEndPoint nextHop, VersionJudge judge)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, "/api/policy")
        {
            Content = new StringContent(VersionJudge.Policy(version, nextHop), Encoding.UTF8, "application/json"),
        };
        request.Headers.TryAddWithoutValidation("If-Match", string.Create(CultureInfo.InvariantCulture, $"\"{version - 1}\""));
        judge.Changing(version);
        var began = Stopwatch.GetTimestamp();
        using var response = await api.SendAsync(request);
        var took = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        judge.Changed(version);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.OK, text);
        using var answer = JsonDocument.Parse(text);
        Assert.Equal(version, answer.RootElement.GetProperty("version").GetInt64());
        Assert.Equal(3, answer.RootElement.GetProperty("nodes").EnumerateArray().Count(static node => node.GetProperty("inForce").GetBoolean()));
        return took;
    }

    private static double At(List<double> milliseconds, double part) =>
        milliseconds.Order().ElementAt((int)Math.Ceiling(milliseconds.Count * part) - 1);

    private static async Task ReportAsync(int changes, int clients, List<double> milliseconds, VersionJudge judge)
    {
        if (Environment.GetEnvironmentVariable("RELAY_POLICY_REPORT") is { Length: > 0 } file)
        {
            await File.WriteAllTextAsync(file, string.Create(
                CultureInfo.InvariantCulture,
                $"""
                | | |
                |---|---|
                | changes, one after another, through each of three nodes in turn | {changes} |
                | clients that send mail all the time, on each node | {clients} |
                | in force on 3/3 nodes after: p50, p99, longest | {At(milliseconds, 0.5):F0} ms, {At(milliseconds, 0.99):F0} ms, {At(milliseconds, 1):F0} ms |
                | mails judged, of these begun while a change was on | {judge.Mails}, {judge.MailsDuringChange} |
                | mails judged by two versions, or by one that did not hold | 0 (must be 0) |

                """));
        }
    }

    private static int Setting(string name, int value) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : value;
}
