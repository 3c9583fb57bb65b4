using Relay.Actors.Intake;

namespace Relay.Actors.Tests.Intake;

public sealed class IntakeLedgerTests
{
    private static readonly IntakeLimits Limits = new() { UndeclaredBytes = 100, QueueMessagesMax = 10 };

    [Fact]
    public void Reservations_sum_up_to_the_free_room_and_not_over_it()
    {
        var ledger = new IntakeLedger(Limits);
        var room = new IntakeRoom(1000, true, 0);

        Assert.Null(ledger.Reserve(600, room, out var first));
        Assert.Null(ledger.Reserve(null, room, out var second));
        Assert.Equal((600, 100, 700), (first, second, ledger.ReservedBytes));
        Assert.Equal(452, ledger.Reserve(301, room, out var none)!.Code);
        Assert.Equal(0, none);
        Assert.Null(ledger.Reserve(300, room, out _));
    }

    [Fact]
    public void Nothing_stays_reserved_when_everything_is_given_back()
    {
        var ledger = new IntakeLedger(Limits);
        ledger.Reserve(600, new IntakeRoom(1000, true, 0), out var bytes);
        ledger.Release(bytes);
        Assert.Equal(0, ledger.ReservedBytes);
        Assert.Throws<InvalidOperationException>(() => ledger.Release(1));
    }

    [Theory]
    [InlineData(1000, false, 0, 451)]
    [InlineData(1000, true, 10, 452)]
    [InlineData(0, true, 0, 452)]
    public void Trouble_of_ours_is_a_4xx(long free, bool healthy, long queued, int code)
    {
        var ledger = new IntakeLedger(Limits);
        Assert.Equal(code, ledger.Reserve(1, new IntakeRoom(free, healthy, queued), out _)!.Code);
        Assert.Equal(0, ledger.ReservedBytes);
    }
}
