using Relay.Actors.Intake;

namespace Relay.Actors.Tests.Intake;

/// <summary>Who can have many shares for nothing, /64 of a /48 or names of domains, has two of them together.</summary>
public sealed class JointShareTests
{
    private readonly TestIntake _intake = new(new IntakeLimits { SenderBytesMax = 1000, SenderMessagesMax = 10 });

    [Fact]
    public void All_of_an_IPv6_48_store_two_shares()
    {
        Store("2001:db8:1:1::1", 1000);
        var second = Store("2001:db8:1:2::1", 1000);
        Assert.Equal(Admission.ShareUsedUp, Reserve("2001:db8:1:3::1", 1)); // its first mail, too
        Assert.Equal(Admission.Granted, Reserve("2001:db8:2:1::1", 1000));
        Assert.Equal(Admission.Granted, Reserve("192.0.2.1", 1000));
        _intake.Ledger.Shares.Drop(second, 1000);
        Assert.Equal(Admission.Granted, Reserve("2001:db8:1:3::1", 1));
    }

    [Fact]
    public void All_domains_of_a_network_that_may_relay_store_two_shares()
    {
        Store("10.1.2.3", 1000, "a@one.example");
        Assert.Equal(Admission.ShareUsedUp, Reserve("10.1.2.4", 1, "a@one.example"));
        Assert.Equal(Admission.Granted, Reserve("10.1.2.4", 500, "a@two.example"));
        Store("10.1.2.3", 500, "a@three.example");
        Assert.Equal(Admission.ShareUsedUp, Reserve("10.1.2.4", 1, "a@four.example"));
        Assert.Equal(Admission.Granted, Reserve("10.1.3.4", 1, "a@four.example"));
        Assert.Equal(Admission.Granted, _intake.Reserve("alice", 1000));
    }

    [Fact]
    public void They_have_two_shares_of_the_messages_as_well()
    {
        for (var i = 0; i < 20; i++)
        {
            Store($"2001:db8:1:{i:x}::1", 1);
        }

        Assert.Equal(Admission.ShareUsedUp, Reserve("2001:db8:1:ff::1", 1));
        Assert.Equal(20, _intake.Ledger.Shares.Senders);
    }

    [Fact]
    public void One_mail_fits_however_small_the_shares_are() => Assert.Equal(Admission.Granted, Reserve("2001:db8:1:1::1", 5000));

    [Fact]
    public void Nothing_is_remembered_of_who_has_nothing()
    {
        var hold = _intake.Hold(TestIntake.Client("2001:db8:1:1::1"), 10);
        var stored = Store("2001:db8:1:2::1", 20);
        var joint = TestIntake.Client("2001:db8:1:1::1").Joint!.Value;
        Assert.Equal((10L, 20L, 2), (_intake.Ledger.Shares.Find(joint)!.HeldBytes, _intake.Ledger.Shares.Find(joint)!.StoredBytes, _intake.Ledger.Shares.Senders));
        hold.Release();
        _intake.Ledger.Shares.Drop(stored, 20);
        Assert.Null(_intake.Ledger.Shares.Find(joint));
        Assert.Equal((0L, 0), (_intake.HeldBytes, _intake.Ledger.Shares.Senders));
    }

    private SpoolShare Store(string client, long bytes, string sender = "a@b.example") => _intake.Ledger.Shares.Store(TestIntake.Client(client, sender), bytes);

    private Admission Reserve(string client, long bytes, string sender = "a@b.example") => _intake.Reserve(TestIntake.Client(client, sender), bytes);
}
