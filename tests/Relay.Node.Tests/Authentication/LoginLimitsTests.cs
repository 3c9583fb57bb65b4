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

        Assert.Equal(LoginAdmission.Refused, _limits.Begin(Home, "alice"));
        Assert.Equal(LoginAdmission.Refused, _limits.Begin(Home, null));
        Assert.Equal(LoginAdmission.Admitted, _limits.Begin(IPAddress.Parse("192.0.2.11"), "alice"));
        _time.Advance(LoginLimits.Window);
        Assert.Equal(LoginAdmission.Admitted, _limits.Begin(Home, "alice"));
    }

    [Fact]
    public void An_IPv6_client_is_its_64()
    {
        for (var i = 0; i < LoginLimits.FailuresPerClientMax; i++)
        {
            Fail(IPAddress.Parse($"2001:db8::{i:x}"), $"user{i}");
        }

        Assert.Equal(LoginAdmission.Refused, _limits.Begin(IPAddress.Parse("2001:db8::ffff"), "alice"));
        Assert.Equal(LoginAdmission.Admitted, _limits.Begin(IPAddress.Parse("2001:db8:0:1::1"), "alice"));
    }

    [Fact]
    public void Logins_that_succeed_are_no_failures()
    {
        for (var i = 0; i < 100; i++)
        {
            Assert.NotEqual(LoginAdmission.Refused, _limits.Begin(Home, "alice"));
            _limits.End(Home, "alice", LoginEnd.Succeeded);
        }
    }

    [Fact]
    public void Our_own_trouble_is_no_failure_and_makes_nobody_known()
    {
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal(LoginAdmission.Admitted, _limits.Begin(Home, "alice"));
            _limits.End(Home, "alice", LoginEnd.Unseen);
        }
    }

    [Fact]
    public void A_network_has_twenty_guesses_at_one_user()
    {
        for (var i = 0; i < LoginLimits.FailuresPerUserAndNetworkMax; i++)
        {
            Assert.Equal(LoginAdmission.Admitted, Fail(IPAddress.Parse($"198.51.100.{i}"), "alice"));
        }

        Assert.Equal(LoginAdmission.Refused, _limits.Begin(IPAddress.Parse("198.51.100.200"), "alice"));
        Assert.Equal(LoginAdmission.Admitted, _limits.Begin(IPAddress.Parse("198.51.100.200"), "bob"));
    }

    [Fact]
    public void Guesses_from_everywhere_slow_new_clients_and_lock_nobody_out()
    {
        _limits.Begin(Home, "alice");
        _limits.End(Home, "alice", LoginEnd.Succeeded);
        for (var i = 0; i < 1000; i++)
        {
            _limits.Begin(IPAddress.Parse($"198.{18 + (i / 250)}.{i % 250}.1"), "alice");
        }

        Assert.Equal(LoginAdmission.Known, _limits.Begin(Home, "alice"));
        Assert.Equal(LoginAdmission.Slowed, _limits.Begin(IPAddress.Parse("203.0.113.5"), "alice"));
        Assert.Equal(LoginAdmission.Admitted, _limits.Begin(IPAddress.Parse("203.0.113.5"), "bob"));
    }

    [Fact]
    public void A_known_user_is_not_locked_out_by_others_behind_the_same_address()
    {
        _limits.Begin(Home, "alice");
        _limits.End(Home, "alice", LoginEnd.Succeeded);
        for (var i = 0; i < 50; i++)
        {
            Fail(Home, $"user{i}");
        }

        Assert.Equal(LoginAdmission.Refused, _limits.Begin(Home, "bob"));
        Assert.Equal(LoginAdmission.Known, _limits.Begin(Home, "alice"));
    }

    [Fact]
    public void A_known_client_that_guesses_is_refused_as_well()
    {
        _limits.Begin(Home, "alice");
        _limits.End(Home, "alice", LoginEnd.Succeeded);
        for (var i = 0; i < LoginLimits.FailuresPerClientMax; i++)
        {
            Assert.Equal(LoginAdmission.Known, Fail(Home, "alice"));
        }

        Assert.Equal(LoginAdmission.Refused, _limits.Begin(Home, "alice"));
    }

    [Fact]
    public void A_client_is_forgotten_a_week_after_its_last_login()
    {
        _limits.Begin(Home, "alice");
        _limits.End(Home, "alice", LoginEnd.Succeeded);
        _time.Advance(LoginLimits.KnownTime - TimeSpan.FromHours(1));
        Assert.Equal(LoginAdmission.Known, _limits.Begin(Home, "alice"));
        _limits.End(Home, "alice", LoginEnd.Succeeded);
        _time.Advance(LoginLimits.KnownTime - TimeSpan.FromHours(1));
        Assert.Equal(LoginAdmission.Known, _limits.Begin(Home, "alice"));
        _time.Advance(LoginLimits.KnownTime);
        Assert.Equal(LoginAdmission.Admitted, _limits.Begin(Home, "alice"));
    }

    [Fact]
    public async Task Many_at_once_wait_for_one_another_and_are_no_failures()
    {
        for (var round = 0; round < 2; round++) // of a new client, and of a known one
        {
            for (var i = 0; i < LoginLimits.FailuresPerClientMax; i++)
            {
                Assert.Equal(round == 0 ? LoginAdmission.Admitted : LoginAdmission.Known, await _limits.BeginAsync(Home, "alice"));
            }

            var (next, last) = (_limits.BeginAsync(Home, "alice").AsTask(), _limits.BeginAsync(Home, "alice").AsTask());
            Assert.False(next.IsCompleted || last.IsCompleted);
            _limits.End(Home, "alice", LoginEnd.Succeeded);
            Assert.Equal(LoginAdmission.Known, await await Task.WhenAny(next, last));
            _limits.End(Home, "alice", LoginEnd.Succeeded);
            Assert.Equal([LoginAdmission.Known, LoginAdmission.Known], await Task.WhenAll(next, last));
            for (var i = 0; i < LoginLimits.FailuresPerClientMax; i++)
            {
                _limits.End(Home, "alice", LoginEnd.Succeeded);
            }
        }
    }

    [Fact]
    public async Task Who_waits_is_refused_when_those_before_it_have_failed_and_put_off_when_they_never_end()
    {
        for (var i = 0; i < LoginLimits.FailuresPerClientMax; i++)
        {
            _limits.Begin(Home, "alice");
        }

        var guess = _limits.BeginAsync(Home, "alice").AsTask();
        for (var i = 0; i < LoginLimits.FailuresPerClientMax - 1; i++)
        {
            _limits.End(Home, "alice", LoginEnd.Failed);
        }

        var late = _limits.BeginAsync(Home, "alice").AsTask();
        _time.Advance(LoginLimits.WaitTime);
        Assert.Equal([LoginAdmission.Full, LoginAdmission.Full], await Task.WhenAll(guess, late));
        var last = _limits.BeginAsync(Home, "alice").AsTask();
        _limits.End(Home, "alice", LoginEnd.Failed);
        Assert.Equal(LoginAdmission.Refused, await last);
    }

    private LoginAdmission Fail(IPAddress address, string? user)
    {
        var admission = _limits.Begin(address, user);
        _limits.End(address, user, LoginEnd.Failed);
        return admission;
    }
}
