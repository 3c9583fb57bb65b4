using System.Globalization;
using System.Net;
using Relay.TestKit.Smtp;

namespace Relay.Node.Tests.Policies;

/// <summary>Tells by verdicts alone which version of the policy a mail is judged by, and finds mails that are judged by two.</summary>
/// <remarks>Of three domains each version accepts one: that of its number by three, so that no two of three versions in a row look alike.</remarks>
internal sealed class VersionJudge
{
    private const int Kinds = 3;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(25);

    private long _oldest = 1;
    private long _newest = 1;
    private int _mails;
    private int _changing;

    /// <summary>Mails that were judged.</summary>
    public int Mails => _mails;

    /// <summary>Those of them that began while a change was on.</summary>
    public int MailsDuringChange => _changing;

    /// <summary>A version of the policy.</summary>
    public static string Policy(long version, IPEndPoint nextHop) => string.Create(
        CultureInfo.InvariantCulture,
        $$"""{ "acceptedDomains": ["d{{version % Kinds}}.example"], "routes": [ { "domain": "*", "to": "smtp://{{nextHop}}" } ], "penalty": { "refusals": 0 } }""");

    /// <summary>A change is about to be asked for: from now on either version may hold.</summary>
    public void Changing(long to) => Interlocked.Exchange(ref _newest, to);

    /// <summary>A change was answered as in force everywhere: from now on no older version may hold.</summary>
    public void Changed(long to) => Interlocked.Exchange(ref _oldest, to);

    /// <summary>Sends mail through a node all the time.</summary>
    public async Task JudgeAsync(IPEndPoint node, CancellationToken enough)
    {
        await using var client = await SmtpTestClient.GreetAsync(node);
        using var pace = new PeriodicTimer(Pause);
        while (!enough.IsCancellationRequested)
        {
            var oldest = Interlocked.Read(ref _oldest);
            await BeginAsync(client);
            var newest = Interlocked.Read(ref _newest);
            var kind = await KindAsync(client);
            Assert.Equal(kind, await KindAsync(client));
            Assert.True(newest - oldest >= Kinds || Enumerable.Range(0, (int)(newest - oldest) + 1).Any(behind => KindOf(oldest + behind) == kind),
                $"a mail was judged by a version like {kind}, while {oldest} to {newest} may hold");
            await SendAsync(client);
            Interlocked.Increment(ref _mails);
            if (newest > oldest)
            {
                Interlocked.Increment(ref _changing);
            }

            await pace.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    /// <summary>What a version's verdicts look like.</summary>
    public static int KindOf(long version) => (int)(version % Kinds);

    /// <summary>Begins a mail.</summary>
    public static async Task BeginAsync(SmtpTestClient client) => (await client.CommandAsync("MAIL FROM:<me@client.example>")).MustBe(250);

    /// <summary>Ends a mail.</summary>
    public static async Task SendAsync(SmtpTestClient client)
    {
        (await client.CommandAsync("DATA")).MustBe(354);
        (await client.CommandAsync("Subject: x\r\n\r\nx\r\n.")).MustBe(250);
    }

    /// <summary>Which versions a mail that is on is judged like: exactly one domain is accepted.</summary>
    public static async Task<int> KindAsync(SmtpTestClient client)
    {
        var accepted = new List<int>();
        for (var kind = 0; kind < Kinds; kind++)
        {
            var reply = await client.CommandAsync(string.Create(CultureInfo.InvariantCulture, $"RCPT TO:<you@d{kind}.example>"));
            if (reply.Code == 250)
            {
                accepted.Add(kind);
            }
            else
            {
                reply.MustBe(550);
            }
        }

        return Assert.Single(accepted);
    }
}
