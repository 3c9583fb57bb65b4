using Relay.Actors;
using Relay.Actors.Logging;
using Relay.Actors.Metrics;
using Relay.Actors.Policy;
using Relay.Actors.Pressure;
using Relay.Node.Accounts;
using Relay.Node.Authentication;
using Relay.Node.Encryption;
using Relay.Node.Greylisting;
using Relay.Node.Inquiries;
using Relay.Node.Logging;
using Relay.Node.Logging.Refusals;
using Relay.Node.Penalties;
using Relay.Node.Recipients;
using Relay.Spool;

namespace Relay.Node.Listeners;

/// <summary>What every connection of a node works with.</summary>
/// <param name="HostName">Our name in greetings and trace headers.</param>
/// <param name="Mail">The actors.</param>
/// <param name="Policy">The policy in force.</param>
/// <param name="Logins">Who clients are.</param>
/// <param name="Spool">Where bodies go.</param>
/// <param name="MailLog">The log of messages' fates.</param>
/// <param name="SessionLog">The log of trouble with clients.</param>
/// <param name="Refusals">The log of what they were refused.</param>
/// <param name="Recipients">Whether recipients of accepted domains exist.</param>
/// <param name="Metrics">The counters.</param>
/// <param name="Pressure">How hard the node is pressed.</param>
/// <param name="Inquirer">Asks DNS about clients and senders.</param>
/// <param name="Gate">The limits of connections.</param>
/// <param name="Refused">Those that these limits turned away.</param>
/// <param name="Penalties">Who keeps being refused.</param>
/// <param name="Accounts">Whose account counts as leaked.</param>
/// <param name="Greylist">What became of strangers that had to come again.</param>
/// <param name="Sweeper">The time limits of connections.</param>
/// <param name="Times">Their values.</param>
/// <param name="Time">The clock.</param>
/// <param name="Tls">Shakes hands; null on a node without a certificate, whose listeners never ask for it.</param>
internal sealed record SmtpServices(
    string HostName,
    MailSystem Mail,
    PolicyAgent Policy,
    Authenticator Logins,
    SpoolStore Spool,
    IMailLog MailLog,
    SessionLog SessionLog,
    RefusalLog Refusals,
    RecipientChecks Recipients,
    RelayMetrics Metrics,
    IPressure Pressure,
    Inquirer Inquirer,
    ConnectionGate Gate,
    RefusedConnections Refused,
    PenaltyBox Penalties,
    AccountGuard Accounts,
    GreylistMetrics Greylist,
    ConnectionSweeper Sweeper,
    ConnectionTimes Times,
    TimeProvider Time,
    TlsServer? Tls);
