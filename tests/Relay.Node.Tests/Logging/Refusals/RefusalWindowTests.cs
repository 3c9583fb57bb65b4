using System.Net;
using Microsoft.Extensions.Time.Testing;
using Relay.Node.Logging.Refusals;
using Relay.Smtp.Replies;

namespace Relay.Node.Tests.Logging.Refusals;

public sealed class RefusalWindowTests
{
    private static readonly RefusalLimits Limits = new() { LinesPerRule = 2, LinesMax = 5, TrackedMax = 4, SumsMax = 2 };
    private static readonly SmtpReply Denied = new(550, new(5, 7, 1), "Relaying denied");

    private readonly FakeTimeProvider _time = new();
    private readonly RefusalWindow _window;

    public RefusalWindowTests()
    {
        _window = new RefusalWindow(_time, Limits);
    }

    [Fact]
    public void The_first_ones_of_a_client_by_a_rule_have_a_line_and_the_others_are_one_sum_with_the_last()
    {
        Assert.True(_window.Add(Of("192.0.2.7", to: "a@victim.example")));
        Assert.True(_window.Add(Of("192.0.2.7", to: "b@victim.example")));
        Assert.False(_window.Add(Of("192.0.2.7", to: "c@victim.example")));
        Assert.False(_window.Add(Of("192.0.2.7", to: "d@victim.example")));
        Assert.True(_window.Add(Of("192.0.2.7", rule: "protocol")));
        Assert.True(_window.Add(Of("192.0.2.8")));

        _time.Advance(Limits.Interval);
        var report = _window.TakeDue()!;
        Assert.Null(report.Rest);
        var sum = Assert.Single(report.Sums);
        Assert.Equal((2, "d@victim.example", Denied), (sum.Count, sum.Last.Recipient, sum.Last.Reply));
    }

    [Fact]
    public void A_sum_comes_when_the_interval_is_over_and_the_next_one_begins_with_a_refusal()
    {
        Refuse(3, "192.0.2.7");
        _time.Advance(Limits.Interval - TimeSpan.FromMilliseconds(1));
        Assert.Null(_window.TakeDue());
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, Assert.Single(_window.TakeDue()!.Sums).Count);
        Assert.Null(_window.TakeDue());

        _time.Advance(Limits.Interval);
        Assert.Equal(2, Refuse(4, "192.0.2.7"));
        Assert.Null(_window.TakeDue()); // not yet: it began with these
        _time.Advance(Limits.Interval);
        Assert.Equal(2, Assert.Single(_window.TakeDue()!.Sums).Count);
    }

    [Fact]
    public void Where_every_refusal_had_its_line_nothing_is_reported()
    {
        Refuse(2, "192.0.2.7");
        _time.Advance(Limits.Interval);
        Assert.Null(_window.TakeDue());
        Assert.Null(_window.TakeAll());
    }

    [Fact]
    public void An_IPv6_network_is_one_client()
    {
        Assert.Equal(2, Refuse(1, "2001:db8::1") + Refuse(1, "2001:db8::2") + Refuse(1, "2001:db8::3"));
        Assert.Equal(1, Refuse(1, "2001:db8:0:1::1"));
    }

    [Fact]
    public void All_clients_together_get_no_more_lines_than_the_node_has()
    {
        var lines = Enumerable.Range(1, 4).Sum(i => Refuse(100, $"192.0.2.{i}"));
        Assert.Equal(Limits.LinesMax, lines);
        Assert.Equal(400 - Limits.LinesMax, Counted(_window.TakeAll()!));
    }

    [Fact]
    public void Clients_beyond_those_that_are_told_apart_are_one_number()
    {
        Refuse(1, "192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4");
        Assert.Equal(0, Refuse(3, "192.0.2.5", "192.0.2.6"));
        var report = _window.TakeAll()!;
        Assert.Empty(report.Sums);
        Assert.Equal((6, "192.0.2.6"), (report.Rest!.Value.Count, report.Rest.Value.Last.Client.ToString()));
    }

    [Fact]
    public void Only_the_largest_sums_are_told_and_nothing_that_was_counted_is_lost()
    {
        Refuse(3, "192.0.2.1");
        Refuse(5, "192.0.2.2");
        Refuse(9, "192.0.2.3");
        Refuse(2, "192.0.2.4");
        Refuse(7, "192.0.2.5");
        var report = _window.TakeAll()!;
        Assert.Equal(["192.0.2.3", "192.0.2.2"], report.Sums.Select(sum => sum.Last.Client.ToString()));
        Assert.Equal(3 + 5 + 9 + 2 + 7 - Limits.LinesMax, Counted(report));
    }

    [Fact]
    public void A_flood_from_everywhere_stays_within_the_bounds_of_the_defaults()
    {
        var limits = new RefusalLimits();
        var window = new RefusalWindow(_time, limits);
        var lines = 0;
        for (var i = 0; i < 200_000; i++)
        {
            lines += window.Add(Of(new IPAddress(0x0A000000L + (i % 50_000)).ToString())) ? 1 : 0;
        }

        var report = window.TakeAll()!;
        Assert.Equal((limits.LinesMax, limits.SumsMax), (lines, report.Sums.Count));
        Assert.Equal(200_000, lines + Counted(report));
    }

    private static long Counted(RefusalReport report) => report.Sums.Sum(sum => sum.Count) + (report.Rest?.Count ?? 0);

    private static RefusalFacts Of(string client, string rule = "relay.networks", string? to = null) =>
        new(IPAddress.Parse(client), "public", "helo.example", "a@b.example", to, Denied, rule);

    private int Refuse(int times, params string[] clients) =>
        clients.Sum(client => Enumerable.Range(0, times).Count(_ => _window.Add(Of(client))));
}
