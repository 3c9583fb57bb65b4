using Relay.Actors.Intake;
using Relay.Messages.Intake;

namespace Relay.Actors.Tests.Intake;

/// <summary>Room that is held and hardly used goes to those that wait.</summary>
public sealed class HeldMailsTests
{
    private static readonly IntakeLimits Limits = new() { UnderWayBytesMax = 1000 };
    private readonly TestIntake _intake = new(Limits);

    [Fact]
    public void The_slowest_for_what_it_holds_gives_way_and_no_more_than_are_needed()
    {
        var (slow, slower, fast) = (Hold("192.0.2.1", 200, arrived: 2), Hold("198.51.100.1", 150, arrived: 1), Hold("203.0.113.1", 50, arrived: 40));
        MakeWayFor("100.64.0.1", 150, after: Limits.GiveWayAfter);
        Assert.Equal((false, true, false), (slow.MustGiveWay, slower.MustGiveWay, fast.MustGiveWay));
        MakeWayFor("100.64.0.1", 150); // what gives way already is enough
        Assert.False(slow.MustGiveWay);
        slower.Release();
        MakeWayFor("100.64.0.1", 200);
        Assert.Equal((true, false, 2L), (slow.MustGiveWay, fast.MustGiveWay, _intake.Ledger.GivenWay));
    }

    [Fact]
    public void Nobody_gives_way_who_has_only_begun_or_uses_the_room_in_time_or_has_come_whole()
    {
        var (old, whole) = (Hold("192.0.2.1", 120, arrived: 10), Hold("198.51.100.1", 120));
        whole.ShrinkTo(100);
        _intake.Now += Limits.GiveWayAfter;
        var late = Hold("203.0.113.1", 120);
        MakeWayFor("100.64.0.1", 500, after: Limits.GiveWayAfter - TimeSpan.FromTicks(1));
        Assert.Equal((true, false, false), (old.MustGiveWay, whole.MustGiveWay, late.MustGiveWay)); // 120 in 2 min, at its pace
        MakeWayFor("100.64.0.1", 500, after: TimeSpan.FromTicks(1));
        Assert.Equal((false, true), (whole.MustGiveWay, late.MustGiveWay));
    }

    [Fact]
    public void A_mail_that_came_in_half_and_then_stopped_gives_way_too()
    {
        var hold = Hold("192.0.2.1", 100, arrived: 50);
        MakeWayFor("100.64.0.1", 500, after: Limits.GiveWayTime / 2);
        Assert.False(hold.MustGiveWay);
        MakeWayFor("100.64.0.1", 500, after: TimeSpan.FromTicks(1));
        Assert.True(hold.MustGiveWay);
    }

    [Fact]
    public void Users_do_not_give_way_to_strangers_and_strangers_do_to_users()
    {
        var (user, stranger) = (_intake.Hold(100), Hold("192.0.2.1", 100));
        MakeWayFor("100.64.0.1", 1000, after: Limits.GiveWayTime);
        Assert.Equal((false, true), (user.MustGiveWay, stranger.MustGiveWay));
        _intake.Ledger.MakeWay([(TestIntake.Sender("bob"), 1000)], _intake.Now);
        Assert.True(user.MustGiveWay);
    }

    [Fact]
    public void Who_has_mail_on_its_way_takes_only_from_who_has_more()
    {
        var (less, more) = (Hold("192.0.2.1", 100), Hold("198.51.100.1", 150));
        Hold("2001:db8:1:1::1", 60, arrived: 60);
        MakeWayFor("2001:db8:1:2::1", 60, after: Limits.GiveWayAfter); // another /64 of the same /48
        Assert.Equal((false, true), (less.MustGiveWay, more.MustGiveWay));
    }

    private ISpaceHold Hold(string client, long bytes, long arrived = 0)
    {
        var hold = _intake.Hold(TestIntake.Client(client), bytes);
        hold.Arrived(arrived);
        return hold;
    }

    private void MakeWayFor(string client, long bytes, TimeSpan after = default)
    {
        _intake.Now += after;
        _intake.Ledger.MakeWay([(TestIntake.Client(client), bytes)], _intake.Now);
    }
}
