using Relay.Policy.Accounts;

namespace Relay.Policy.Tests.Accounts;

public sealed class AccountRecordTests
{
    private static readonly BreakerRules Rules = new() { Failures = 10, Percent = 25, Rise = 4 };

    private readonly AccountRecord _record = new();

    private static long AtHour(double hour) => TimeSpan.FromHours(hour).Ticks;

    [Fact]
    public void Failures_hold_a_user_when_they_are_a_good_part_of_all()
    {
        Assert.Null(_record.Add(AtHour(1), Rules, named: 30, failed: 9));
        Assert.Equal("10 of 30 recipients failed", _record.Add(AtHour(1.1), Rules, named: 0, failed: 1));
    }

    [Fact]
    public void A_large_mailing_with_few_failures_holds_nobody()
    {
        var rules = Rules with { Rise = 0 };
        Assert.Null(_record.Add(AtHour(1), rules, named: 1000, failed: 0));
        Assert.Null(_record.Add(AtHour(1), rules, named: 0, failed: 249));
        Assert.NotNull(_record.Add(AtHour(1), rules, named: 0, failed: 1));
    }

    [Fact]
    public void Failures_of_a_mailing_that_ended_with_the_period_are_compared_with_it()
    {
        var rules = Rules with { Rise = 0 };
        Assert.Null(_record.Add(AtHour(1.9), rules, named: 1000, failed: 0));
        Assert.Null(_record.Add(AtHour(2.01), rules, named: 0, failed: 100));
        Assert.NotNull(_record.Add(AtHour(3.5), rules, named: 0, failed: 100));
    }

    [Fact]
    public void Failures_drain_and_do_not_wait_for_the_next_period_to_be_forgotten()
    {
        Assert.Null(_record.Add(AtHour(1), Rules, named: 9, failed: 9));
        Assert.Null(_record.Add(AtHour(2), Rules, named: 0, failed: 0));
        Assert.Null(_record.Add(AtHour(2.5), Rules, named: 5, failed: 5)); // with half of the nine before
        Assert.Equal("10 of 15 recipients failed", _record.Add(AtHour(2.5), Rules, named: 1, failed: 1));
        Assert.Null(_record.Add(AtHour(9), Rules, named: 9, failed: 9));
    }

    [Fact]
    public void Many_more_recipients_than_usual_hold_a_user_once_the_usual_is_known()
    {
        for (var hour = 1; hour <= AccountRecord.PeriodsMin; hour++)
        {
            Assert.Null(_record.Add(AtHour(hour * 10), Rules, named: 100, failed: 0));
        }

        Assert.Null(_record.Add(AtHour(60), Rules, named: 399, failed: 0));
        Assert.Equal("400 recipients, where 100 are usual", _record.Add(AtHour(60.5), Rules, named: 1, failed: 0));

        var fresh = new AccountRecord();
        Assert.Null(fresh.Add(AtHour(1), Rules, named: 100_000, failed: 0));
    }

    [Fact]
    public void What_becomes_of_old_mail_and_of_mail_before_a_pardon_tells_nothing()
    {
        Assert.True(_record.Tells(AtHour(5), Rules, TimeSpan.FromHours(1)));
        Assert.False(_record.Tells(AtHour(5), Rules, TimeSpan.FromHours(1.1)));
        Assert.False(_record.Tells(AtHour(0.5), Rules, TimeSpan.FromHours(0.6))); // it came before the node was started

        _record.Pardon(AtHour(5));
        Assert.False(_record.Tells(AtHour(5.5), Rules, TimeSpan.FromHours(0.6)));
        Assert.True(_record.Tells(AtHour(5.5), Rules, TimeSpan.FromHours(0.4)));
    }

    [Fact]
    public void Whoever_is_pardoned_begins_anew()
    {
        Assert.NotNull(_record.Add(AtHour(1), Rules, named: 10, failed: 10));
        _record.Pardon(AtHour(1.1));
        Assert.Null(_record.Add(AtHour(1.1), Rules, named: 9, failed: 9));
    }
}
