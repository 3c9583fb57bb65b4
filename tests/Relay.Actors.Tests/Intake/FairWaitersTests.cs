using Relay.Actors.Intake;

namespace Relay.Actors.Tests.Intake;

public sealed class FairWaitersTests
{
    private readonly FairWaiters<string> _waiters = new();
    private readonly List<string> _served = [];

    [Fact]
    public void Senders_take_turns_however_many_mails_each_has()
    {
        Add("a1", "a2", "a3", "b1", "c1", "b2");
        _waiters.Serve(Serve(_ => true));
        Assert.Equal(["a1", "b1", "c1", "a2", "b2", "a3"], _served);
        Assert.Equal(0, _waiters.Count);
    }

    [Fact]
    public void One_that_cannot_go_holds_up_its_own_line_only()
    {
        Add("a1", "a2", "b1", "b2");
        _waiters.Serve(Serve(static waiter => waiter != "a1"));
        Assert.Equal(["b1", "b2"], _served);
        _waiters.Serve(Serve(_ => true));
        Assert.Equal(["b1", "b2", "a1", "a2"], _served);
    }

    [Fact]
    public void The_last_of_the_longest_line_is_told_first_that_it_is_hopeless()
    {
        Add("a1", "b1", "b2", "b3");
        Assert.Equal("b3", _waiters.TakeFromLongest());
        Assert.Equal("b2", _waiters.TakeFromLongest());
        _waiters.TakeFromLongest();
        _waiters.TakeFromLongest();
        Assert.Equal(0, _waiters.Count);
    }

    [Fact]
    public void Who_waits_too_long_goes()
    {
        _waiters.Add(Key("a"), "a1", TimeSpan.FromSeconds(1));
        _waiters.Add(Key("b"), "b1", TimeSpan.FromSeconds(2));
        _waiters.Add(Key("a"), "a2", TimeSpan.FromSeconds(3));
        Assert.Equal(["a1", "b1"], _waiters.TakeOlderThan(TimeSpan.FromSeconds(3)));
        Assert.Equal(1, _waiters.Count);
        _waiters.Serve(Serve(_ => true));
        Assert.Equal(["a2"], _served);
    }

    private static ShareKey Key(string sender) => TestIntake.Sender(sender);

    private void Add(params string[] waiters)
    {
        foreach (var waiter in waiters)
        {
            _waiters.Add(Key(waiter[..1]), waiter, TimeSpan.Zero);
        }
    }

    private Func<ShareKey, string, bool> Serve(Predicate<string> canGo) => (_, waiter) =>
    {
        if (!canGo(waiter))
        {
            return false;
        }

        _served.Add(waiter);
        return true;
    };
}
