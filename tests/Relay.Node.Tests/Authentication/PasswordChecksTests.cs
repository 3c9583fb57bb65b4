using Relay.Node.Authentication;
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
        Assert.True(await checks.TryCheck(Verifier, right, isKnown: false)!);
        Assert.False(await checks.TryCheck(Verifier, wrong, isKnown: true)!);
        Assert.Equal(new byte[5], right);
        Assert.Equal(new byte[5], wrong);
        Assert.Equal(2 * ScramVerifier.IterationsMin, checks.Iterations);
    }

    [Fact]
    public void Only_so_many_wait_and_strangers_do_not_take_the_places_of_known_clients()
    {
        var checks = new PasswordChecks(atOnceMax: 0);
        for (var i = 0; i < PasswordChecks.WaitingMax; i++)
        {
            Assert.NotNull(checks.TryCheck(Verifier, new byte[1], isKnown: false));
        }

        Assert.Null(checks.TryCheck(Verifier, new byte[1], isKnown: false));
        Assert.NotNull(checks.TryCheck(Verifier, new byte[1], isKnown: true));
    }

    [Fact]
    public async Task Known_clients_are_checked_before_strangers()
    {
        var checks = new PasswordChecks(atOnceMax: 1);
        var slow = TestUsers.VerifierOf("x", ScramVerifier.IterationsMax); // keeps the only thread busy until the others wait
        var first = checks.TryCheck(slow, new byte[1], isKnown: false)!;
        var order = new List<string>();
        var stranger = Note(checks.TryCheck(slow, new byte[1], isKnown: false)!, "stranger");
        var known = Note(checks.TryCheck(Verifier, new byte[1], isKnown: true)!, "known");
        await Task.WhenAll(first, stranger, known);
        Assert.Equal(["known", "stranger"], order);

        async Task Note(Task<bool> check, string name)
        {
            await check;
            lock (order)
            {
                order.Add(name);
            }
        }
    }

    [Fact]
    public async Task All_are_checked_when_many_come_at_once()
    {
        var checks = new PasswordChecks(atOnceMax: 2);
        var tasks = Enumerable.Range(0, 50).Select(i => Task.Run(() => checks.TryCheck(Verifier, i % 2 == 0 ? "right"u8.ToArray() : [1], isKnown: false)!));
        var fits = await Task.WhenAll(tasks);
        Assert.Equal(25, fits.Count(static fit => fit));
    }
}
