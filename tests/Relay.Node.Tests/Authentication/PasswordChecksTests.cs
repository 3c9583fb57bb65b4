using System.Net;
using Relay.Node.Authentication;
using Relay.Node.Listeners;
using Relay.Smtp.Authentication;

namespace Relay.Node.Tests.Authentication;

public sealed class PasswordChecksTests
{
    private static readonly ScramVerifier Verifier = TestUsers.VerifierOf("right");

    [Fact]
    public async Task A_password_is_checked_and_overwritten()
    {
        var checks = new PasswordChecks(2);
        var (right, wrong) = ("right"u8.ToArray(), "wrong"u8.ToArray());
        Assert.Equal(PasswordFinding.Fits, await checks.CheckAsync(Verifier, right, Stranger(1)));
        Assert.Equal(PasswordFinding.DoesNotFit, await checks.CheckAsync(Verifier, wrong, Known("alice")));
        Assert.Equal(new byte[5], right);
        Assert.Equal(new byte[5], wrong);
        Assert.Equal(2 * ScramVerifier.IterationsMin, checks.Iterations);
    }

    [Fact]
    public async Task Only_so_many_wait_and_strangers_do_not_take_the_places_of_known_clients_nor_one_network_those_of_another()
    {
        var checks = new PasswordChecks(atOnceMax: 0);
        var first = Enumerable.Range(0, PasswordChecks.WaitingMax).Select(_ => checks.CheckAsync(Verifier, new byte[1], Stranger(1))).ToArray();
        var password = "secret"u8.ToArray();
        Assert.Equal(PasswordFinding.NoPlace, await checks.CheckAsync(Verifier, password, Stranger(1)));
        Assert.Equal(new byte[6], password);
        Assert.False(checks.CheckAsync(Verifier, new byte[1], Known("alice")).IsCompleted);
        Assert.DoesNotContain(first, static check => check.IsCompleted);
        Assert.False(checks.CheckAsync(Verifier, new byte[1], Stranger(2)).IsCompleted);
        Assert.Equal(PasswordFinding.NoPlace, await first[^1]);
    }

    [Fact]
    public async Task All_are_checked_when_many_come_at_once()
    {
        var checks = new PasswordChecks(atOnceMax: 2);
        var tasks = Enumerable.Range(0, 50).Select(i => Task.Run(() => checks.CheckAsync(Verifier, i % 2 == 0 ? "right"u8.ToArray() : [1], Stranger(i % 5))));
        var findings = await Task.WhenAll(tasks);
        Assert.Equal(25, findings.Count(static finding => finding == PasswordFinding.Fits));
    }

    private static PasswordOwner Known(string user) => PasswordOwner.Of(user, default, isKnown: true);

    private static PasswordOwner Stranger(int network) =>
        PasswordOwner.Of("alice", ClientKey.OfNetwork(IPAddress.Parse($"192.0.{network}.1")), isKnown: false);
}
