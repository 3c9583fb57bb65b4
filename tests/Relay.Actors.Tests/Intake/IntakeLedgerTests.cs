using Relay.Actors.Intake;
using Relay.Actors.Pressure;

namespace Relay.Actors.Tests.Intake;

public sealed class IntakeLedgerTests
{
    private static readonly IntakeLimits Limits = new() { UndeclaredBytes = 100, QueueMessagesMax = 10 };

    [Fact]
    public void Holds_sum_up_to_the_free_room_and_not_over_it()
    {
        var intake = new TestIntake(Limits) { Room = new(1000, true, 0) };

        var first = intake.Hold(600);
        Assert.Equal(Admission.Granted, intake.Reserve("bob", null, out var second));
        Assert.Equal((600, 100, 700), (first.Bytes, second!.Bytes, intake.HeldBytes));
        Assert.Equal(Admission.SpoolFull, intake.Reserve("carol", 301, out var none));
        Assert.Null(none);
        Assert.Equal(Admission.Granted, intake.Reserve("carol", 300));
    }

    [Fact]
    public void Strangers_leave_room_in_the_spool_to_those_who_are_trusted()
    {
        var intake = new TestIntake(Limits) { Room = new(1000, true, 0) { KeptBytes = 200 } };
        Assert.Equal(Admission.SpoolFull, intake.Reserve(TestIntake.Client("192.0.2.1"), 801));
        var hold = intake.Hold(TestIntake.Client("192.0.2.1"), 700);
        Assert.Equal("spool", hold.GrowTo(801)!.Reason);
        Assert.Null(hold.GrowTo(800));
        Assert.Equal(Admission.Granted, intake.Reserve(TestIntake.Client("10.1.2.3"), 100));
        Assert.Equal(Admission.Granted, intake.Reserve("alice", 100));
        Assert.InRange(100 - (100 / IntakeLimits.KeptParts), PressureSignals.Spool.Medium.Up, PressureSignals.Spool.High!.Value.Up - 5);
    }

    [Fact]
    public void Nothing_stays_held_when_everything_is_given_back_once_or_twice()
    {
        var intake = new TestIntake(Limits);
        var hold = intake.Hold(600);
        var other = intake.Hold(1);
        hold.Release();
        hold.Release();
        Assert.Equal(1, intake.HeldBytes);
        other.Release();
        Assert.Equal((0L, 0), (intake.HeldBytes, intake.Ledger.Shares.Senders));
    }

    [Theory]
    [InlineData(1000, false, 0, Admission.SpoolDown, 451)]
    [InlineData(1000, true, 10, Admission.QueueFull, 452)]
    [InlineData(0, true, 0, Admission.SpoolFull, 452)]
    public void Trouble_of_ours_is_a_4xx(long free, bool healthy, long queued, Admission expected, int code)
    {
        var intake = new TestIntake(Limits) { Room = new(free, healthy, queued) };
        Assert.Equal(expected, intake.Reserve("alice", 1));
        Assert.Equal(code, intake.Ledger.Refuse(expected).Code);
        Assert.Equal((0L, 1L), (intake.HeldBytes, intake.Ledger.RefusalsOf(expected)));
    }

    [Fact]
    public void A_sender_at_its_share_is_refused_and_others_are_not()
    {
        var intake = new TestIntake(Limits with { SenderBytesMax = 1000 });
        var shares = intake.Ledger.Shares;
        var stored = shares.Store(TestIntake.Sender("alice"), 700);
        var onItsWay = intake.Hold(200);
        Assert.Equal(Admission.ShareUsedUp, intake.Reserve("alice", 101));
        Assert.Equal(Admission.Granted, intake.Reserve("bob", 1000));
        Assert.Equal(Admission.Granted, intake.Reserve("alice", 100, out var last));
        onItsWay.Release();
        last!.Release();
        Assert.Equal(Admission.ShareUsedUp, intake.Reserve("alice", 301));
        shares.Drop(stored, 700); // delivered, or bounced
        Assert.Equal(Admission.Granted, intake.Reserve("alice", 301));
    }

    [Fact]
    public void A_sender_has_a_share_of_the_queues_messages_too()
    {
        var intake = new TestIntake(Limits with { SenderMessagesMax = 2 });
        intake.Ledger.Shares.Store(TestIntake.Sender("alice"), 1);
        intake.Hold(1);
        Assert.Equal(Admission.ShareUsedUp, intake.Reserve("alice", 1));
        Assert.Equal(Admission.Granted, intake.Reserve("bob", 1, out var last));
        intake.Ledger.Shares.Store(TestIntake.Sender("bob"), 1);
        Assert.Null(last!.GrowTo(2)); // it is one of the two
    }

    [Fact]
    public void One_mail_fits_any_share()
    {
        var intake = new TestIntake(Limits with { SenderBytesMax = 1000 });
        Assert.Equal(Admission.Granted, intake.Reserve("alice", 5000, out var hold));
        Assert.Equal(Admission.ShareUsedUp, intake.Reserve("alice", 1));
        Assert.Null(hold!.GrowTo(6000));
    }

    [Fact]
    public void Shares_shrink_with_the_room_that_is_left_while_the_node_is_pressed()
    {
        var intake = new TestIntake(Limits with { SenderBytesMax = 1000 }) { Room = new(4000, true, 0) };
        intake.Ledger.Shares.Store(TestIntake.Sender("alice"), 450);
        Assert.Equal(Admission.Granted, intake.Reserve("alice", 100, out var hold));
        hold!.Release();
        intake.Room = intake.Room with { IsPressed = true };
        Assert.Equal(Admission.ShareUsedUp, intake.Reserve("alice", 100)); // 4000 / 8
        Assert.Equal(Admission.Granted, intake.Reserve("alice", 50));
    }

    [Fact]
    public void A_body_that_is_larger_than_declared_needs_room_for_the_rest()
    {
        var intake = new TestIntake(Limits with { SenderBytesMax = 1000 }) { Room = new(1200, true, 0) };
        intake.Ledger.Shares.Store(TestIntake.Sender("alice"), 100);
        var hold = intake.Hold(100);
        Assert.Null(hold.GrowTo(200, spare: 100));
        Assert.Equal(300, intake.HeldBytes);
        Assert.Null(hold.GrowTo(900, spare: 1000)); // as much as there is room for
        Assert.Equal(900, intake.HeldBytes);
        Assert.Equal((452, 900L, 900L), (hold.GrowTo(901)!.Reply.Code, hold.Bytes, intake.HeldBytes)); // over the share
        var other = intake.Hold(200, "bob");
        Assert.Equal(452, other.GrowTo(400)!.Reply.Code); // over the room
        hold.ShrinkTo(950);
        Assert.Equal((900L, 1100L), (hold.Bytes, intake.HeldBytes));
        hold.ShrinkTo(700); // what the mail turned out to need
        Assert.Equal((700L, 900L), (hold.Bytes, intake.HeldBytes));
        Assert.Null(other.GrowTo(400));
        hold.Release();
        hold.ShrinkTo(1);
        Assert.Equal(400, intake.HeldBytes);
        other.Release();
        Assert.Equal(0, intake.HeldBytes);
    }

    [Fact]
    public void Who_has_mail_on_its_way_leaves_as_much_to_the_others()
    {
        var intake = new TestIntake(Limits with { UnderWayBytesMax = 1333 }); // 1000 for users
        intake.Hold(400);
        Assert.Equal(Admission.Wait, intake.Reserve("alice", 201)); // 600 are left: 601 would be more than that
        Assert.Equal(Admission.Granted, intake.Reserve("alice", 200, out var second));
        Assert.Equal(Admission.Granted, intake.Reserve("bob", 400, out _)); // comes new
        Assert.Equal(Admission.Wait, intake.Reserve("carol", 1));
        second!.Release();
        Assert.Equal(Admission.Granted, intake.Reserve("carol", 1));
    }

    [Fact]
    public void A_mail_that_is_larger_than_all_that_may_be_on_its_way_goes_alone()
    {
        var intake = new TestIntake(Limits with { UnderWayBytesMax = 1000 });
        Assert.Equal(Admission.Granted, intake.Reserve("alice", 5000));
        Assert.Equal(Admission.Wait, intake.Reserve("bob", 1));
    }

    [Theory]
    [InlineData(20480, 2048)] // a tenth
    [InlineData(512, 64)] // at least 64 MiB
    [InlineData(40, 10)] // and at most a quarter
    public void A_share_is_a_tenth_of_the_quota_in_MiB(long quota, long share)
    {
        var limits = new IntakeLimits().For(quota << 20);
        Assert.Equal(share << 20, limits.SenderBytesMax);
        Assert.Equal(Math.Ceiling(1_000_000.0 * share / quota), limits.SenderMessagesMax);
    }

    [Fact]
    public void A_share_that_is_set_is_that_share()
    {
        var limits = new IntakeLimits().For(1000 << 20, 1000 << 20);
        Assert.Equal((1000L << 20, limits.QueueMessagesMax), (limits.SenderBytesMax, limits.SenderMessagesMax));
    }
}
