using Relay.Actors.Accounts;
using Relay.Actors.Pressure;
using Relay.Node.Accounts;
using Relay.Node.Authentication;
using Relay.Node.Penalties;
using Relay.Policy.Decisions;

namespace Relay.Node.Listeners;

/// <summary>Whose mail may not begin at the moment, whatever it is: before the session is asked.</summary>
internal sealed class MailGate(SmtpServices services)
{
    private const string PressureRule = "pressure";

    /// <summary>Why a mail may not begin; null when it may.</summary>
    /// <param name="client">Who sends it.</param>
    /// <param name="login">How it logged in; null when it did not.</param>
    public MailRefusal? Refuse(in ClientFacts client, AcceptedLogin? login) =>
        services.Penalties.Holds(client) ? new MailRefusal(PenaltyBox.Reply, PenaltyBox.Rule)
        : login is not null && !services.Logins.Holds(login) ? new MailRefusal(Authenticator.LoginOver, Authenticator.Rule)
        : services.Accounts.Breaker.IsHeld(client.User) ? new MailRefusal(AccountGuard.Reply, AccountBreaker.Rule)
        : RefuseUnderPressure(client);

    /// <summary>Why nothing of a mail may be taken under the node's pressure; null when it may.</summary>
    public MailRefusal? RefuseUnderPressure(in ClientFacts client) =>
        PressureTable.Of(services.Pressure.Level).ForMail(isUser: client.User is not null) is { } reply ? new MailRefusal(reply, PressureRule) : null;
}
