using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Relay.Actors.Pressure;
using Relay.Node.Composition;
using Relay.Node.Listeners.Proxy;
using Relay.Node.Penalties;
using Relay.Node.Settings;
using Relay.Policy.Decisions;
using Relay.Smtp.Replies;

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
    /// <param name="kestrel">What it is bound to.</param>
    /// <param name="settings">The listener's.</param>
    /// <param name="hostName">Our name in greetings.</param>
    /// <param name="isBalancer">Whether an address is a balancer's of any listener of the node.</param>
    public void Listen(KestrelServerOptions kestrel, ListenerSettings settings, string hostName, Func<IPAddress, bool> isBalancer)
    {
        var listener = SmtpListener.Of(settings, hostName, isBalancer);
        kestrel.Listen(settings.Address, options => options.Run(context => ServeAsync(context, listener)));
    }

    private async Task ServeAsync(ConnectionContext context, SmtpListener listener)
    {
        var services = _mail.Services;
        if (await ArriveAsync(context, listener, services).ConfigureAwait(false) is not { } arrival)
        {
            return;
        }

        if (services.Sweeper.IsDraining)
        {
            await RefuseAsync(context, listener, SmtpConnection.ShuttingDown).ConfigureAwait(false);
            return;
        }

        var client = arrival.Address;
        var facts = new ClientFacts(client, listener.Name, null) { IsBalancer = arrival.IsBalancer };
        if (services.Penalties.Holds(facts))
        {
            services.Refused.Add(client, PenaltyBox.Rule);
            await RefuseAsync(context, listener, PenaltyBox.Reply).ConfigureAwait(false);
            return;
        }

        if (PressureTable.Of(services.Pressure.Level).Connections is { } overloaded)
        {
            services.Refused.Add(client, RefusedConnections.ByPressure);
            await RefuseAsync(context, listener, overloaded).ConfigureAwait(false);
            return;
        }

        if (Enter(arrival, listener, services) is { } limit)
        {
            services.Refused.Add(client, limit);
            services.Penalties.Add(facts, limit == ConnectionGate.ByRate ? Offence.Rate : Offence.None);
            await RefuseAsync(
                context, listener, new SmtpReply(421, new(4, 7, 0), $"Too many connections ({limit}), try again later")).ConfigureAwait(false);
            return;
        }

        // The client counts until its socket is closed: whoever leaves with replies that it never reads is not gone.
        ((BoundedConnection)context).Closed = () => Leave(arrival, listener, services);
        if (await RefuseByLimitAsync(arrival, facts, services).ConfigureAwait(false) is { } refusal)
        {
            services.Refused.Add(client, refusal.Rule);
            await RefuseAsync(context, listener, refusal.Reply!).ConfigureAwait(false);
            return;
        }

        var connection = new SmtpConnection(context, arrival, listener, services);
        ((BoundedConnection)context).Closed = () =>
        {
            services.Sweeper.Remove(connection);
            Leave(arrival, listener, services);
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

    private static async ValueTask<Arrival?> ArriveAsync(ConnectionContext context, SmtpListener listener, SmtpServices services)
    {
        var peer = AddressOf(context);
        if (listener.Entrance is not { } entrance)
        {
            return new Arrival(peer, listener.IsBalancer(peer));
        }

        var (arrival, refusal) = await entrance.AdmitAsync(
            context.Transport.Input, peer, services.Times.ProxyHeader, services.Time).ConfigureAwait(false);
        if (refusal is not null)
        {
            services.Refused.Add(peer, refusal);
        }

        return arrival;
    }

    // What a balancer says for itself, its checks above all, counts among no client's connections.
    private static string? Enter(in Arrival arrival, SmtpListener listener, SmtpServices services) => arrival.IsUnknown
        ? listener.Entrance!.Enter()
        : services.Gate.Enter(arrival.Address, services.Policy.Current, arrival.IsBalancer);

    // A balancer's own checks are nobody's connections.
    private static ValueTask<Verdict?> RefuseByLimitAsync(in Arrival arrival, in ClientFacts client, SmtpServices services) =>
        arrival.IsUnknown ? default : GreetingLimits.RefuseAsync(services, client);

    private static void Leave(in Arrival arrival, SmtpListener listener, SmtpServices services)
    {
        if (arrival.IsUnknown)
        {
            listener.Entrance!.Leave();
        }
        else
        {
            services.Gate.Leave(arrival.Address);
        }
    }

    private static async Task RefuseAsync(ConnectionContext context, SmtpListener listener, SmtpReply reply)
    {
        if (listener.BeginsWithTls)
        {
            return; // the client could not read it, and a handshake is more than a refusal may cost
        }

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
