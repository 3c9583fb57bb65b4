using System.Globalization;
using System.Net;
using Relay.TestKit;

namespace Relay.Node.Tests.Interop;

/// <summary>Python's aiosmtpd, as an SMTP or an LMTP server (RFC 2033). It keeps each message as it came, in a file named after the first recipient.</summary>
internal sealed class AiosmtpdServer : IAsyncDisposable
{
    /// <summary>The file that must be there for it to run.</summary>
    public const string Program = "/usr/lib/python3/dist-packages/aiosmtpd/controller.py";

    // Debian's own interpreter: its packages are not another's.
    private const string Python = "/usr/bin/python3";

    private readonly ServerFolder _folder;
    private readonly ForeignProgram _program;

    private AiosmtpdServer(ServerFolder folder, ForeignProgram program)
    {
        _folder = folder;
        _program = program;
    }

    /// <summary>Starts an SMTP server.</summary>
    public static Task<AiosmtpdServer> StartAsync(string host, IPEndPoint endPoint) => StartAsync("SMTP", host, endPoint);

    /// <summary>Starts an LMTP server; it refuses the recipients whose name begins with <c>full</c> after the body, and takes the others.</summary>
    public static Task<AiosmtpdServer> StartLmtpAsync(string host, IPEndPoint endPoint) => StartAsync("LMTP", host, endPoint);

    /// <summary>Waits for a message to this recipient.</summary>
    public async Task<byte[]> NextAsync(string recipient)
    {
        await Eventually.TrueAsync(() => File.Exists(_folder[recipient]), seconds: 60);
        return await File.ReadAllBytesAsync(_folder[recipient]);
    }

    public async ValueTask DisposeAsync()
    {
        await _program.DisposeAsync();
        _folder.Dispose();
    }

    private static async Task<AiosmtpdServer> StartAsync(string protocol, string host, IPEndPoint endPoint)
    {
        var folder = new ServerFolder("aiosmtpd");
        await HostCertificate.WriteAsync(folder.Path, host);
        await folder.WriteAsync(
            "server.py",
            string.Create(
                CultureInfo.InvariantCulture,
                $$"""
                import asyncio, os, ssl
                from aiosmtpd.smtp import SMTP
                from aiosmtpd.lmtp import LMTP
                folder = "{{folder.Path}}"
                class Keep:
                    async def handle_DATA(self, server, session, envelope):
                        with open(os.path.join(folder, "part"), "wb") as f:
                            f.write(envelope.original_content)
                        os.rename(os.path.join(folder, "part"), os.path.join(folder, envelope.rcpt_tos[0]))
                        if not isinstance(server, LMTP):
                            return "250 2.0.0 kept"
                        # One reply a recipient.
                        return "\r\n".join("452 4.2.2 full" if r.startswith("full") else "250 2.0.0 kept" for r in envelope.rcpt_tos)
                tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
                tls.load_cert_chain(os.path.join(folder, "cert.pem"), os.path.join(folder, "key.pem"))
                make = lambda: {{protocol}}(Keep(), hostname="{{host}}", enable_SMTPUTF8=True, tls_context=tls, loop=loop)
                loop = asyncio.new_event_loop()
                asyncio.set_event_loop(loop)
                loop.run_until_complete(loop.create_server(make, "{{endPoint.Address}}", {{endPoint.Port}}))
                loop.run_forever()
                """));
        var program = ForeignProgram.Start(Python, folder["server.py"]);
        await program.UntilListeningAsync(endPoint);
        return new AiosmtpdServer(folder, program);
    }
}
