using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Relay.Node.Composition;
using Relay.Node.Settings;
using Relay.Smtp.Replies;
using Relay.Smtp.Server;

namespace Relay.Node.Listeners;

/// <summary>Binds the SMTP listeners to Kestrel, and runs each connection that its limits let in.</summary>
internal sealed class SmtpEndpoints
{
    private readonly MailHost _mail;

    public SmtpEndpoints(MailHost mail)
    {
        _mail = mail;
    }

    /// <summary>Binds one listener.</summary>
    public void Listen(KestrelServerOptions kestrel, ListenerSettings settings, string hostName)
    {
        var listener = new SmtpListener(settings.Name, new ServerDialogueOptions
        {
            HostName = hostName,
            OfferAuthentication = settings.Authentication != AuthenticationMode.None,
            RequireAuthentication = settings.Authentication == AuthenticationMode.Required,
        });
        kestrel.Listen(settings.Address, options => options.Run(context => ServeAsync(context, listener)));
    }

    private async Task ServeAsync(ConnectionContext context, SmtpListener listener)
    {
        var services = _mail.Services;
        if (services.Sweeper.IsDraining)
        {
            await RefuseAsync(context, SmtpConnection.ShuttingDown).ConfigureAwait(false);
            return;
        }

        var client = AddressOf(context);
        if (services.Gate.Enter(client, services.Policy.Current) is { } limit)
        {
            services.Refused.Add(client, limit);
            await RefuseAsync(context, new SmtpReply(421, new(4, 7, 0), $"Too many connections ({limit}), try again later")).ConfigureAwait(false);
            return;
        }

        // The client counts until its socket is closed: whoever leaves with replies that it never reads is not gone.
        var connection = new SmtpConnection(context, client, listener, services);
        ((BoundedConnection)context).Closed = () =>
        {
            services.Sweeper.Remove(connection);
            services.Gate.Leave(client);
        };
        try
        {
            await connection.RunAsync().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // A defect of ours in one conversation ends that conversation alone; nothing that got a 250 depends on it.
            services.SessionLog.ConnectionFailed(client, e);
        }
    }

    private static async Task RefuseAsync(ConnectionContext context, SmtpReply reply)
    {
        ReplyWriter.Write(reply, context.Transport.Output);
        await context.Transport.Output.FlushAsync().ConfigureAwait(false);
    }

    // A dual-mode socket shows IPv4 clients as ::ffff:a.b.c.d: rules and counts know them as a.b.c.d.
    private static IPAddress AddressOf(ConnectionContext context)
    {
        var address = ((IPEndPoint)context.RemoteEndPoint!).Address;
        return address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
    }
}
