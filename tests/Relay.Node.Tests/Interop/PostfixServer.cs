using System.Net;

namespace Relay.Node.Tests.Interop;

/// <summary>A Postfix of its own: configuration, queue and data in one folder, apart from the machine's. It takes mail for every domain into one mailbox, and offers STARTTLS.</summary>
internal sealed class PostfixServer : IAsyncDisposable
{
    private readonly ServerFolder _folder;
    private readonly ForeignProgram _program;

    private PostfixServer(ServerFolder folder, ForeignProgram program)
    {
        _folder = folder;
        _program = program;
        Mail = new MailFolder(Path.Combine(folder["mail"], "box"));
    }

    public MailFolder Mail { get; }

    /// <summary>Starts one; only root can.</summary>
    /// <param name="host">Its name.</param>
    /// <param name="endPoint">Where it listens.</param>
    /// <param name="more">Lines of its configuration that win over ours.</param>
    public static async Task<PostfixServer> StartAsync(string host, IPEndPoint endPoint, string more = "")
    {
        var folder = new ServerFolder("postfix");
        Directory.CreateDirectory(folder["queue"]);
        Directory.CreateDirectory(folder["data"]);
        folder.MakeOpen("mail");
        await HostCertificate.WriteAsync(folder.Path, host);
        // Its address may be any of loopback's, which "inet_interfaces" does not know: the service itself has it.
        await folder.WriteAsync(
            "main.cf",
            $"""
            compatibility_level = 3.6
            queue_directory = {folder["queue"]}
            data_directory = {folder["data"]}
            command_directory = /usr/sbin
            daemon_directory = /usr/lib/postfix/sbin
            mail_owner = postfix
            setgid_group = postdrop
            maillog_file = {folder["log"]}
            maillog_file_prefixes = {folder.Path}
            myhostname = {host}
            mydestination =
            local_recipient_maps =
            alias_maps =
            inet_interfaces = 127.0.0.1
            inet_protocols = ipv4
            smtpd_relay_restrictions = reject_unauth_destination
            smtpd_tls_cert_file = {folder["cert.pem"]}
            smtpd_tls_key_file = {folder["key.pem"]}
            smtpd_tls_security_level = may
            virtual_mailbox_domains = static:all
            virtual_mailbox_maps = static:box/
            virtual_mailbox_base = {folder["mail"]}
            virtual_uid_maps = static:65534
            virtual_gid_maps = static:65534
            {more}

            """);
        await folder.WriteAsync(
            "master.cf",
            $"""
            {endPoint} inet n - n - 10 smtpd
            cleanup unix n - n - 0 cleanup
            qmgr unix n - n 300 1 qmgr
            rewrite unix - - n - - trivial-rewrite
            bounce unix - - n - 0 bounce
            defer unix - - n - 0 bounce
            trace unix - - n - 0 bounce
            error unix - - n - - error
            retry unix - - n - - error
            virtual unix - n n - - virtual
            anvil unix - - n - 1 anvil
            tlsmgr unix - - n 1000? 1 tlsmgr
            postlog unix-dgram n - n - 1 postlogd

            """);
        await MustRunAsync("chown", "postfix", folder["data"]);
        var program = ForeignProgram.Start("postfix", "-c", folder.Path, "start-fg");
        await program.UntilListeningAsync(endPoint);
        return new PostfixServer(folder, program);
    }

    public async ValueTask DisposeAsync()
    {
        // Its own stop takes along the processes that it has made.
        await ForeignProgram.RunAsync("postfix", "-c", _folder.Path, "stop");
        await _program.UntilEndedAsync();
        await _program.DisposeAsync();
        _folder.Dispose();
    }

    private static async Task MustRunAsync(string name, params string[] arguments)
    {
        var (code, output) = await ForeignProgram.RunAsync(name, arguments);
        Assert.True(code == 0, output);
    }
}
