using System.Net;
using Microsoft.Extensions.Time.Testing;
using Relay.Node.Authentication;

namespace Relay.Node.Tests.Authentication;

public sealed class LoginLimitsTests
{
    private static readonly IPAddress Home = IPAddress.Parse("192.0.2.10");

    private readonly FakeTimeProvider _time = new();
    private readonly LoginLimits _limits;

    public LoginLimitsTests() => _limits = new LoginLimits(_time);

    [Fact]
    public void A_client_is_refused_after_ten_failures_whatever_names_it_tries_and_for_ten_minutes()
    {
        for (var i = 0; i < LoginLimits.FailuresPerClientMax; i++)
        {
            Assert.Equal(LoginAdmission.Admitted, Fail(Home, i % 2 == 0 ? $"user{i}" : null));
        }

        Assert.Equal(LoginAdmission.Refused, Begin(Home, "alice"));
        Assert.Equal(LoginAdmission.Refused, Begin(Home, null));
        Assert.Equal(LoginAdmission.Admitted, Begin(IPAddress.Parse("192.0.2.11"), "alice"));
        _time.Advance(LoginLimits.Window);
        Assert.Equal(LoginAdmission.Admitted, Begin(Home, "alice"));
    }

    [Fact]
    public void An_IPv6_client_is_its_64()
    {
        for (var i = 0; i < LoginLimits.FailuresPerClientMax; i++)
        {
            Fail(IPAddress.Parse($"2001:db8::{i:x}"), $"user{i}");
        }

        Assert.Equal(LoginAdmission.Refused, Begin(IPAddress.Parse("2001:db8::ffff"), "alice"));
        Assert.Equal(LoginAdmission.Admitted, Begin(IPAddress.Parse("2001:db8:0:1::1"), "alice"));
    }

    [Fact]
    public void Logins_that_succeed_are_no_failures()
    {
        for (var i = 0; i < 100; i++)
        {
            Assert.NotEqual(LoginAdmission.Refused, Begin(Home, "alice"));
            End(Home, "alice", LoginEnd.Succeeded);
        }
    }

    [Fact]
    public void Our_own_trouble_is_no_failure_and_makes_nobody_known()
    {
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal(LoginAdmission.Admitted, Begin(Home, "alice"));
            End(Home, "alice", LoginEnd.Unseen);
        }
    }

    [Fact]
    public void A_network_has_twenty_guesses_at_one_user()
    {
        for (var i = 0; i < LoginLimits.FailuresPerUserAndNetworkMax; i++)
        {
            Assert.Equal(LoginAdmission.Admitted, Fail(IPAddress.Parse($"198.51.100.{i}"), "alice"));
        }

        Assert.Equal(LoginAdmission.Refused, Begin(IPAddress.Parse("198.51.100.200"), "alice"));
        Assert.Equal(LoginAdmission.Admitted, Begin(IPAddress.Parse("198.51.100.200"), "bob"));
    }

    [Fact]
    public void A_network_has_a_hundred_guesses_whatever_names_it_tries_and_keeps_no_known_client_out()
    {
        var (neighbour, last) = (IPAddress.Parse("2001:db8:0:ffff::1"), IPAddress.Parse("2001:db8:0:fffe::1"));
        Begin(neighbour, "alice");
        End(neighbour, "alice", LoginEnd.Succeeded);
        for (var i = 0; i < LoginLimits.FailuresPerNetworkMax; i++)
        {
            Assert.Equal(LoginAdmission.Admitted, Fail(IPAddress.Parse($"2001:db8:0:{i:x}::1"), $"user{i}"));
        }

        Assert.Equal(LoginAdmission.Refused, Begin(last, "bob"));
        Assert.Equal(LoginAdmission.Known, Begin(neighbour, "alice"));
        Assert.Equal(LoginAdmission.Admitted, Begin(IPAddress.Parse("2001:db8:1::1"), "bob"));
    }

    [Fact]
    public void Guesses_from_everywhere_slow_new_clients_and_lock_nobody_out()
    {
        Begin(Home, "alice");
        End(Home, "alice", LoginEnd.Succeeded);
        for (var i = 0; i < 1000; i++)
        {
            Begin(IPAddress.Parse($"198.{18 + (i / 250)}.{i % 250}.1"), "alice");
        }

        Assert.Equal(LoginAdmission.Known, Begin(Home, "alice"));
        Assert.Equal(LoginAdmission.Slowed, Begin(IPAddress.Parse("203.0.113.5"), "alice"));
        Assert.Equal(LoginAdmission.Admitted, Begin(IPAddress.Parse("203.0.113.5"), "bob"));
    }

    [Fact]
    public void A_known_user_is_not_locked_out_by_others_behind_the_same_address()
    {
        Begin(Home, "alice");
        End(Home, "alice", LoginEnd.Succeeded);
        for (var i = 0; i < 50; i++)
        {
            Fail(Home, $"user{i}");
        }

        Assert.Equal(LoginAdmission.Refused, Begin(Home, "bob"));
        Assert.Equal(LoginAdmission.Known, Begin(Home, "alice"));
    }

    [Fact]
    public void A_known_client_that_guesses_is_refused_as_well()
    {
        Begin(Home, "alice");
        End(Home, "alice", LoginEnd.Succeeded);
        for (var i = 0; i < LoginLimits.FailuresPerClientMax; i++)
        {
            Assert.Equal(LoginAdmission.Known, Fail(Home, "alice"));
        }

        Assert.Equal(LoginAdmission.Refused, Begin(Home, "alice"));
    }

    [Fact]
    public void A_client_is_forgotten_a_week_after_its_last_login()
    {
        Begin(Home, "alice");
        End(Home, "alice", LoginEnd.Succeeded);
        _time.Advance(LoginLimits.KnownTime - TimeSpan.FromHours(1));
        Assert.Equal(LoginAdmission.Known, Begin(Home, "alice"));
        End(Home, "alice", LoginEnd.Succeeded);
        _time.Advance(LoginLimits.KnownTime - TimeSpan.FromHours(1));
        Assert.Equal(LoginAdmission.Known, Begin(Home, "alice"));
        _time.Advance(LoginLimits.KnownTime);
        Assert.Equal(LoginAdmission.Admitted, Begin(Home, "alice"));
    }

    [Fact]
    public async Task Many_at_once_wait_for_one_another_and_are_no_failures()
    {
        for (var round = 0; round < 2; round++) // of a new client, and of a known one
        {
            for (var i = 0; i < LoginLimits.FailuresPerClientMax; i++)
            {
                Assert.Equal(round == 0 ? LoginAdmission.Admitted : LoginAdmission.Known, await BeginAsync(Home, "alice"));
            }

            var (next, last) = (BeginAsync(Home, "alice").AsTask(), BeginAsync(Home, "alice").AsTask());
            Assert.False(next.IsCompleted || last.IsCompleted);
            End(Home, "alice", LoginEnd.Succeeded);
            Assert.Equal(LoginAdmission.Known, await await Task.WhenAny(next, last));
            End(Home, "alice", LoginEnd.Succeeded);
            Assert.Equal([LoginAdmission.Known, LoginAdmission.Known], await Task.WhenAll(next, last));
            for (var i = 0; i < LoginLimits.FailuresPerClientMax; i++)
            {
                End(Home, "alice", LoginEnd.Succeeded);
            }
        }
    }

    [Fact]
    public async Task Who_waits_is_refused_when_those_before_it_have_failed_and_put_off_when_they_never_end()
    {
        for (var i = 0; i < LoginLimits.FailuresPerClientMax; i++)
        {
            Begin(Home, "alice");
        }

        var guess = BeginAsync(Home, "alice").AsTask();
        for (var i = 0; i < LoginLimits.FailuresPerClientMax - 1; i++)
        {
            End(Home, "alice", LoginEnd.Failed);
        }

        var late = BeginAsync(Home, "alice").AsTask();
        _time.Advance(LoginLimits.WaitTime);
        Assert.Equal([LoginAdmission.Full, LoginAdmission.Full], await Task.WhenAll(guess, late));
        var last = BeginAsync(Home, "alice").AsTask();
        End(Home, "alice", LoginEnd.Failed);
        Assert.Equal(LoginAdmission.Refused, await last);
    }

    [Fact]
    public void Whoever_was_known_to_a_user_is_not_to_another_of_the_name_or_to_one_with_another_password()
    {
        Begin(Home, "alice");
        End(Home, "alice", LoginEnd.Succeeded);
        Assert.Equal(LoginAdmission.Known, Begin(Home, "alice"));
        Assert.Equal(LoginAdmission.Admitted, _limits.Begin(Home, new LoginName("alice", 2)));
    }

    private static LoginName? NameOf(string? user) => user is null ? null : new LoginName(user, 1);

    private LoginAdmission Begin(IPAddress address, string? user) => _limits.Begin(address, NameOf(user));

    private ValueTask<LoginAdmission> BeginAsync(IPAddress address, string? user) => _limits.BeginAsync(address, NameOf(user));

    private void End(IPAddress address, string? user, LoginEnd how) => _limits.End(address, NameOf(user), how);

    private LoginAdmission Fail(IPAddress address, string? user)
    {
        var admission = Begin(address, user);
        End(address, user, LoginEnd.Failed);
        return admission;
    }
}
