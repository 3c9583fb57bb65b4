using System.Net;
using Relay.TestKit;

namespace Relay.Node.Tests.Interop;

/// <summary>What the servers of others offer in these tests, as Python sees it: else a test of ours would fail for a reason that is not ours.</summary>
[Trait("Category", "Interop")]
public sealed class ServerFixtureTests
{
    private readonly int _port = FreePort.Next();

    [InteropFact("postfix", "python3", NeedsRoot = true)]
    public async Task Postfix_offers_STARTTLS_and_the_extensions_that_we_use()
    {
        await using var server = await PostfixServer.StartAsync("mx.host.example", At("127.1.1.1"));
        await MustOfferAsync("127.1.1.1", "pipelining", "size", "8bitmime", "smtputf8", "dsn", "chunking");
    }

    [InteropFact("exim4", "python3", NeedsRoot = true)]
    public async Task Exim_offers_STARTTLS_and_the_extensions_that_we_use()
    {
        await using var server = await EximServer.StartAsync("mx.host.example", At("127.1.1.2"));
        await MustOfferAsync("127.1.1.2", "pipelining", "size", "8bitmime", "chunking");
    }

    [InteropFact(AiosmtpdServer.Program)]
    public async Task Aiosmtpd_offers_STARTTLS()
    {
        await using var server = await AiosmtpdServer.StartAsync("mx.host.example", At("127.1.1.3"));
        await MustOfferAsync("127.1.1.3", "size", "8bitmime", "smtputf8");
    }

    [InteropFact(AiosmtpdServer.Program)]
    public async Task The_LMTP_server_answers_the_final_dot_once_for_each_recipient()
    {
        await using var server = await AiosmtpdServer.StartLmtpAsync("mx.host.example", At("127.1.1.4"));
        var (code, output) = await ForeignProgram.RunAsync(
            "python3",
            "-c",
            $"""
            import smtplib
            with smtplib.LMTP("127.1.1.4", {_port}) as s:
                assert s.ehlo()[0] == 250
                s.mail("a@b.example")
                s.rcpt("full@relay.example")
                s.rcpt("u@relay.example")
                assert s.data(b"Subject: x\r\n\r\nx\r\n")[0] == 452
                assert s.getreply()[0] == 250
            """);
        Assert.True(code == 0, output);
        Assert.NotEmpty(await server.NextAsync("full@relay.example"));
    }

    private IPEndPoint At(string address) => new(IPAddress.Parse(address), _port);

    private async Task MustOfferAsync(string address, params string[] extensions)
    {
        var (code, output) = await ForeignProgram.RunAsync(
            "python3",
            "-c",
            $"""
            import smtplib
            with smtplib.SMTP("{address}", {_port}) as s:
                assert s.starttls()[0] == 220
                s.ehlo()
                for name in "{string.Join(' ', extensions)}".split():
                    assert s.has_extn(name), (name, s.esmtp_features)
            """);
        Assert.True(code == 0, output);
    }
}
