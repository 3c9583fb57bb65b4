using System.Net;
using Relay.Policy.Greylisting;
using static Relay.Policy.Tests.TestPolicies;

namespace Relay.Policy.Tests.Greylisting;

public sealed class GreylistTableTests
{
    private static readonly GreylistRules Rules = new() { Delay = TimeSpan.FromMinutes(5), RetryWindow = TimeSpan.FromHours(1), Remember = TimeSpan.FromDays(10) };

    private readonly GreylistTable _table = new(new GreylistLimits());

    private static long At(double minutes) => TimeSpan.FromMinutes(minutes).Ticks;

    [Fact]
    public void Whoever_comes_again_after_the_delay_passes_and_is_known_from_then_on()
    {
        var triplet = Of("192.0.2.7");
        Assert.Equal(new GreylistFinding(TimeSpan.FromMinutes(5), IsFirst: true), _table.Look(At(100), Rules, triplet));
        Assert.Equal(new GreylistFinding(TimeSpan.FromMinutes(2), IsFirst: false), _table.Look(At(103), Rules, triplet));
        Assert.Equal(new GreylistFinding(TimeSpan.Zero, IsFirst: true), _table.Look(At(105), Rules, triplet));
        Assert.Equal(new GreylistFinding(TimeSpan.Zero, IsFirst: false), _table.Look(At(105), Rules, triplet));
        Assert.Equal((0, 1), (_table.WaitingCount, _table.KnownCount));
    }

    [Fact]
    public void Whoever_comes_again_too_late_begins_anew()
    {
        var triplet = Of("192.0.2.7");
        _table.Look(At(0), Rules, triplet);
        Assert.Equal(new GreylistFinding(TimeSpan.FromMinutes(5), IsFirst: true), _table.Look(At(60), Rules, triplet));
        Assert.True(_table.Look(At(65), Rules, triplet).Passes);
    }

    [Fact]
    public void A_sender_is_known_for_so_long_from_its_last_mail()
    {
        var triplet = Of("192.0.2.7");
        _table.Look(At(0), Rules, triplet);
        _table.Look(At(5), Rules, triplet);
        var day = At(24 * 60);
        Assert.True(_table.Look(9 * day, Rules, triplet).Passes);
        Assert.True(_table.Look(18 * day, Rules, triplet).Passes);
        Assert.False(_table.Look(29 * day, Rules, triplet).Passes);
    }

    [Fact]
    public void Another_sender_recipient_or_network_has_to_wait_for_itself_and_a_neighbour_has_not()
    {
        Pass(Of("192.0.2.7"));
        Assert.True(_table.Look(At(6), Rules, Of("192.0.2.8", "A@b.example", "U@Relay.Example")).Passes);
        Assert.False(_table.Look(At(6), Rules, Of("192.0.2.7", sender: "")).Passes);
        Assert.False(_table.Look(At(6), Rules, Of("192.0.2.7", recipient: "v@relay.example")).Passes);
        Assert.False(_table.Look(At(6), Rules, Of("192.0.3.7")).Passes);

        Pass(Of("2001:db8:0:1::7"));
        Assert.True(_table.Look(At(6), Rules, Of("2001:db8:0:1::8")).Passes);
        Assert.False(_table.Look(At(6), Rules, Of("2001:db8:0:2::7")).Passes);
    }

    [Fact]
    public void A_client_of_which_five_came_again_is_known_whatever_it_sends()
    {
        for (var i = 0; i < GreylistTable.TripletsOfKnownClient - 1; i++)
        {
            Pass(Of("192.0.2.7", recipient: $"u{i}@relay.example"));
        }

        Assert.False(_table.Look(At(6), Rules, Of("192.0.2.7", recipient: "new@relay.example")).Passes);
        Pass(Of("192.0.2.7", recipient: "one-more@relay.example"));
        Assert.True(_table.Look(At(6), Rules, Of("192.0.2.200", sender: "z@z.example", recipient: "newer@relay.example")).Passes);
        Assert.False(_table.Look(At(6), Rules, Of("192.0.3.7", recipient: "newer@relay.example")).Passes);
        Assert.False(_table.Look(At(6) + Rules.Remember.Ticks, Rules, Of("192.0.2.7", recipient: "newest@relay.example")).Passes);
    }

    [Fact]
    public void Whoever_makes_up_triplets_pushes_out_its_own_oldest_and_nobody_elses()
    {
        var limits = new GreylistLimits { WaitingMax = 50, WaitingPerNetworkMax = 10 };
        var table = new GreylistTable(limits);
        table.Look(At(0), Rules, Of("198.51.100.1"));
        for (var i = 0; i < 1000; i++)
        {
            table.Look(At(1) + i, Rules, Of("192.0.2.7", recipient: $"u{i}@relay.example"));
        }

        Assert.InRange(table.WaitingCount, 2, 11);
        Assert.True(table.Look(At(5), Rules, Of("198.51.100.1")).Passes);
        Assert.True(table.Look(At(7), Rules, Of("192.0.2.7", recipient: "u999@relay.example")).Passes);
        Assert.False(table.Look(At(7), Rules, Of("192.0.2.7", recipient: "u0@relay.example")).Passes);
    }

    [Fact]
    public void What_is_remembered_is_bounded_and_the_oldest_give_way()
    {
        var limits = new GreylistLimits { WaitingMax = 50, KnownMax = 20, ClientsMax = 10 };
        var table = new GreylistTable(limits);
        for (var i = 0; i < 200; i++)
        {
            var triplet = Of($"10.1.{i}.7");
            table.Look(At(i), Rules, triplet);
            table.Look(At(i + 5), Rules, triplet);
            table.Look(At(i), Rules, Of($"10.2.{i}.7"));
        }

        Assert.InRange(table.WaitingCount, 40, 50);
        Assert.InRange(table.KnownCount, 15, 20);
        Assert.True(table.Look(At(206), Rules, Of("10.1.199.7")).Passes);
        Assert.False(table.Look(At(206), Rules, Of("10.1.0.7")).Passes);
    }

    private void Pass(Triplet triplet)
    {
        Assert.False(_table.Look(At(0), Rules, triplet).Passes);
        Assert.True(_table.Look(At(5), Rules, triplet).Passes);
    }

    private static Triplet Of(string client, string sender = "a@b.example", string recipient = "u@relay.example") =>
        Triplet.Of(IPAddress.Parse(client), Path(sender), Path(recipient));
}
