using Relay.Actors.Intake;
using Relay.Messages.Intake;

namespace Relay.Actors.Tests.Intake;

/// <summary>Room for mail on its way: who leaves how much of it to whom.</summary>
public sealed class UnderWayTests
{
    private readonly TestIntake _intake = new(new IntakeLimits { UnderWayBytesMax = 1000 });

    [Fact]
    public void Strangers_together_leave_one_half_to_those_who_are_trusted()
    {
        FillWith(static i => $"2001:db8:{i:x}::1");
        Assert.Equal(500, _intake.HeldBytes);
        Assert.Equal(Admission.Granted, _intake.Reserve("alice", 250));
        Assert.Equal(Admission.Granted, Reserve("10.1.2.3", 100));
    }

    [Fact]
    public void Those_who_are_trusted_leave_a_quarter_to_strangers()
    {
        FillWith(static i => $"10.1.{i}.1");
        Assert.Equal(750, _intake.HeldBytes);
        Assert.Equal(Admission.Granted, Reserve("192.0.2.1", 250));
    }

    [Fact]
    public void All_of_an_IPv6_48_hold_no_more_than_they_leave_to_other_strangers()
    {
        Hold("2001:db8:1:1::1", 250);
        Assert.Equal(Admission.Wait, Reserve("2001:db8:1:2::1", 1));
        Assert.Equal(Admission.Granted, Reserve("2001:db8:2:2::1", 250));
    }

    [Fact]
    public void A_mail_that_is_larger_than_the_part_of_strangers_has_it_alone()
    {
        _intake.Hold(300);
        Hold("192.0.2.1", 700);
        Assert.Equal(Admission.Wait, Reserve("198.51.100.1", 1));
        Assert.Equal(Admission.Wait, _intake.Reserve("bob", 1));
    }

    [Fact]
    public void A_body_does_not_grow_into_the_part_of_others()
    {
        var first = Hold("192.0.2.1", 100);
        Assert.Null(first.GrowTo(600)); // it is alone
        Assert.Null(Hold("10.1.2.3", 100).GrowTo(400));
        var refusal = first.GrowTo(601);
        Assert.Equal((451, "congestion", 1000L), (refusal!.Reply.Code, refusal.Reason, _intake.HeldBytes));
        first.ShrinkTo(250);
        var second = Hold("198.51.100.1", 50);
        Assert.Equal(451, second.GrowTo(251)!.Reply.Code);
        Assert.Null(second.GrowTo(250));
        Assert.Equal((250L, 2L), (second.Bytes, _intake.Ledger.RefusalsOf(Admission.Congested)));
    }

    private void FillWith(Func<int, string> client)
    {
        for (var (bytes, i) = (500L, 1); bytes > 0; i++)
        {
            if (Reserve(client(i), bytes) != Admission.Granted)
            {
                bytes /= 2;
            }
        }
    }

    private ISpaceHold Hold(string client, long bytes) => _intake.Hold(TestIntake.Client(client), bytes);

    private Admission Reserve(string client, long bytes) => _intake.Reserve(TestIntake.Client(client), bytes);
}
