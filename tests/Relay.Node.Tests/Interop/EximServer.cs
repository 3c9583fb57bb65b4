using System.Globalization;
using System.Net;

namespace Relay.Node.Tests.Interop;

/// <summary>An Exim that was unpacked and not installed, in a folder of its own. It takes mail for every domain into one mailbox, and offers STARTTLS.</summary>
internal sealed class EximServer : IAsyncDisposable
{
    private readonly ServerFolder _folder;
    private readonly ForeignProgram _program;

    private EximServer(ServerFolder folder, ForeignProgram program)
    {
        _folder = folder;
        _program = program;
        Mail = new MailFolder(folder["mail"]);
    }

    public MailFolder Mail { get; }

    /// <summary>Starts one; only root can.</summary>
    public static async Task<EximServer> StartAsync(string host, IPEndPoint endPoint)
    {
        var folder = new ServerFolder("exim");
        folder.MakeOpen("spool");
        folder.MakeOpen("mail");
        folder.MakeOpen("log");
        await HostCertificate.WriteAsync(folder.Path, host);
        await folder.WriteAsync(
            "exim.conf",
            string.Create(
                CultureInfo.InvariantCulture,
                $"""
                primary_hostname = {host}
                exim_path = {ForeignProgram.Find("exim4")}
                spool_directory = {folder["spool"]}
                log_file_path = {folder["log"]}/%slog
                pid_file_path = {folder["spool"]}/pid
                local_interfaces = <; {endPoint.Address}
                daemon_smtp_ports = {endPoint.Port}
                domainlist local_domains = *
                acl_smtp_rcpt = accept
                acl_smtp_data = accept
                host_lookup =
                rfc1413_query_timeout = 0s
                keep_environment =
                tls_advertise_hosts = *
                tls_certificate = {folder["cert.pem"]}
                tls_privatekey = {folder["key.pem"]}
                begin routers
                all:
                  driver = accept
                  transport = keep
                begin transports
                keep:
                  driver = appendfile
                  directory = {folder["mail"]}
                  maildir_format
                  user = Debian-exim
                  group = Debian-exim

                """));
        // What it reads as somebody else.
        var (code, output) = await ForeignProgram.RunAsync("chown", "Debian-exim", folder["key.pem"], folder["spool"], folder["log"]);
        Assert.True(code == 0, output);
        var program = ForeignProgram.Start("exim4", "-C", folder["exim.conf"], "-bdf");
        await program.UntilListeningAsync(endPoint);
        return new EximServer(folder, program);
    }

    public async ValueTask DisposeAsync()
    {
        await _program.DisposeAsync();
        _folder.Dispose();
    }
}
