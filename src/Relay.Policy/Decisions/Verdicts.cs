using Relay.Policy.Documents;
using Relay.Policy.Limits;
using Relay.Smtp.Addresses;
using Relay.Smtp.Replies;

namespace Relay.Policy.Decisions;

/// <summary>The verdicts that are the same for every policy, and the replies of all refusals. Each text says what its reader can
/// do.</summary>
internal static class Verdicts
{
    /// <summary>Prefix of rules that no key of the document states.</summary>
    public const string DefaultRule = "default.";

    private static readonly EnhancedStatus NotAuthorised = new(5, 7, 1);
    private static readonly EnhancedStatus NotNow = new(4, 7, 1);
    private static readonly EnhancedStatus DnsTrouble = new(4, 4, 3);

    /// <summary>Every client may connect.</summary>
    public static readonly Verdict AnyClient = Accept(DefaultRule + "client");

    /// <summary>Every sender may be named, the null path too.</summary>
    public static readonly Verdict AnySender = Accept(DefaultRule + "sender");

    /// <summary>Nothing gives the client the right to relay.</summary>
    public static readonly Verdict NoRight = Refuse(
        DefaultRule + "relay",
        NotAuthorised,
        "Relaying denied: from you this server takes mail for its own domains only; send by your provider's server, or ask our postmaster");

    /// <summary>The client shows the address of a balancer, which carries no right though the policy names it.</summary>
    public static readonly Verdict Balancer = Refuse(
        DefaultRule + "balancer",
        NotAuthorised,
        "Relaying denied: you come from a balancer's own address, which gives no right to relay; log in, or ask our postmaster");

    /// <summary>There is no policy, and that gives the client no right.</summary>
    public static readonly Verdict NoPolicy = Refuse(
        DefaultRule + "withoutPolicy",
        NotAuthorised,
        "Relaying denied: this server has no policy yet and takes no mail from you; its operator must apply one");

    /// <summary>There is no policy; the client and all listeners are on loopback.</summary>
    public static readonly Verdict NoPolicyLoopback = Accept(DefaultRule + "withoutPolicy");

    /// <summary>Bare postmaster, and nobody to send it to.</summary>
    public static readonly Verdict NoPostmaster = Refuse(
        DefaultRule + "postmaster", new EnhancedStatus(5, 1, 1), "No postmaster without a domain here: write the domain behind it");

    /// <summary>A recipient that is no mailbox. The protocol's parser refuses these first.</summary>
    public static readonly Verdict NoMailbox = Refuse(
        DefaultRule + "recipient", new EnhancedStatus(5, 1, 3), "The recipient is not a mailbox: write local-part@domain");

    /// <summary>A client that may relay names a next hop by an address where none may be.</summary>
    public static readonly Verdict NoSuchHop = Refuse(
        "delivery.nextHopNetworks",
        new EnhancedStatus(5, 4, 4),
        "No mail to this address literal: it is not a public address; write the recipient's domain name");

    /// <summary>The refusal of a recipient that does not exist.</summary>
    public static Verdict NoSuchRecipient(PolicyRule rule) =>
        Refuse(rule, new EnhancedStatus(5, 1, 1), "No such recipient here: check the address");

    /// <summary>Whether a recipient exists could not be found out now.</summary>
    public static Verdict RecipientNotChecked(PolicyRule rule) =>
        Defer(rule, 451, DnsTrouble, "Cannot check the recipient at the moment, try again later");

    /// <summary>The verdict of a rule about clients.</summary>
    public static Verdict Client(RuleAction action, PolicyRule rule) => action switch
    {
        RuleAction.Accept => Accept(rule),
        RuleAction.Defer => Defer(rule, 450, NotNow, "Your address may not send mail here at the moment: try again later, or ask our postmaster"),
        _ => Refuse(rule, NotAuthorised, "Your address may not send mail here: ask our postmaster"),
    };

    /// <summary>A rule about clients' names may refuse the client, or may free it, and its name could not be looked up now.</summary>
    public static Verdict ClientNameTrouble(PolicyRule rule) =>
        Defer(rule, 451, DnsTrouble, "Cannot look up the name of your address at the moment, try again later");

    /// <summary>The verdict of a rule about senders.</summary>
    public static Verdict Sender(RuleAction action, PolicyRule rule) => action switch
    {
        RuleAction.Accept => Accept(rule),
        RuleAction.Defer => Defer(rule, 450, NotNow, "Mail from this sender is not taken here at the moment: try again later, or ask our postmaster"),
        _ => Refuse(rule, NotAuthorised, "Mail from this sender is not taken here: ask our postmaster"),
    };

    /// <summary>The sender's domain does not exist, or has no mail exchanger and no address.</summary>
    public static Verdict SenderDomainUnknown(RuleAction action, PolicyRule rule)
    {
        const string Text = "The sender's domain takes no mail, and it may not exist: send from an address that can be answered";
        return action == RuleAction.Defer
            ? Defer(rule, 450, new EnhancedStatus(4, 1, 8), Text)
            : Refuse(rule, new EnhancedStatus(5, 1, 8), Text);
    }

    /// <summary>The sender's domain says that it takes no mail (RFC 7505 section 4.2).</summary>
    public static Verdict SenderDomainTakesNoMail(PolicyRule rule) => Refuse(
        rule, new EnhancedStatus(5, 7, 27), "The sender's domain says that it takes no mail: send from an address that can be answered");

    /// <summary>Whether the sender's domain exists could not be found out now.</summary>
    public static Verdict SenderDomainTrouble(PolicyRule rule) =>
        Defer(rule, 451, DnsTrouble, "Cannot look up the sender's domain at the moment, try again later");

    /// <summary>A client from outside sends as one of our domains.</summary>
    public static Verdict OwnDomainFromOutside(PolicyRule rule) => Refuse(
        rule, NotAuthorised, "Mail from addresses of ours is taken from authenticated senders only: log in, or ask our postmaster");

    /// <summary>A mail from outside says in its header that it is from one of our domains.</summary>
    public static Verdict OwnDomainInHeader(PolicyRule rule) => Refuse(
        rule, NotAuthorised, "The From field names an address of ours, which only authenticated senders may: log in, or ask our postmaster");

    /// <summary>The verdict for a client that a blocklist has.</summary>
    public static Verdict Listed(DnsBlocklist list, PolicyRule rule) => list.Action switch
    {
        DnsBlocklistAction.Reject => Refuse(rule, NotAuthorised, $"Your address is listed by {list.Zone}: ask there to be taken off"),
        DnsBlocklistAction.Defer => Defer(rule, 450, NotNow, $"Your address is listed by {list.Zone}: try again later, or ask there to be taken off"),
        _ => Accept(rule),
    };

    /// <summary>Somebody is over a limit.</summary>
    public static Verdict OverLimit(RateLimit limit, PolicyRule rule) => limit.Unit switch
    {
        LimitUnit.Connections => Defer(rule, 421, new EnhancedStatus(4, 7, 0), $"Too many connections, limit {limit.Name}: try again later"),
        LimitUnit.Recipients => Defer(rule, 452, new EnhancedStatus(4, 5, 3), $"Too many recipients, limit {limit.Name}: try again later"),
        LimitUnit.Bytes => Defer(rule, 450, NotNow, $"Too much mail, limit {limit.Name}: try again later"),
        _ => Defer(rule, 450, NotNow, $"Too many messages, limit {limit.Name}: try again later"),
    };

    /// <summary>A limit cannot be asked.</summary>
    public static Verdict LimitUnavailable(RateLimit limit, PolicyRule rule)
    {
        var text = $"Cannot ask the limit {limit.Name} at the moment, try again later";
        return limit.Unit == LimitUnit.Connections
            ? Defer(rule, 421, new EnhancedStatus(4, 7, 0), text)
            : Defer(rule, 450, NotNow, text);
    }

    /// <summary>A stranger is to come again. Made for each, since it says when.</summary>
    /// <param name="left">How long it has to wait.</param>
    /// <param name="rule">The rule.</param>
    public static Verdict Greylisted(TimeSpan left, PolicyRule rule)
    {
        var seconds = (long)Math.Ceiling(left.TotalSeconds);
        var wait = seconds > 90 ? $"{(seconds + 59) / 60} minutes" : $"{seconds} seconds";
        return Defer(rule, 451, NotNow, $"Greylisted: you are not known here yet, try again in {wait}");
    }

    /// <summary>An accept by a rule.</summary>
    public static Verdict Accept(PolicyRule rule) => new(VerdictAction.Accept, rule.Name, null, rule.Place);

    /// <summary>The refusal of a client that may never relay.</summary>
    public static Verdict Never(PolicyRule rule) => Refuse(
        rule, NotAuthorised, "Relaying denied: your address may not relay by this server; send by another server, or ask our postmaster");

    /// <summary>The refusal of an authenticated user's sender that is not its own. Made for each, since it names the sender.</summary>
    public static Verdict NotYourSender(PolicyRule rule, MailPath sender) => Refuse(
        rule, NotAuthorised, $"You may not send as <{Ascii(sender.Text)}>: use an address of your own, or ask our postmaster");

    /// <summary>The refusal of an authenticated user's From header that is not its own.</summary>
    public static Verdict NotYourFrom(PolicyRule rule) => Refuse(
        rule, NotAuthorised, "The From field names an address that you may not send as: use an address of your own, or ask our postmaster");

    private static Verdict Accept(string rule) => Accept(new PolicyRule(rule));

    private static Verdict Refuse(string rule, EnhancedStatus status, string text) => Refuse(new PolicyRule(rule), status, text);

    private static Verdict Refuse(PolicyRule rule, EnhancedStatus status, string text) =>
        new(VerdictAction.Refuse, rule.Name, new SmtpReply(550, status, text), rule.Place);

    private static Verdict Defer(PolicyRule rule, int code, EnhancedStatus status, string text) =>
        new(VerdictAction.Defer, rule.Name, new SmtpReply(code, status, text), rule.Place);

    /// <summary>Replies are ASCII (RFC 5321 section 4.2), addresses need not be.</summary>
    private static string Ascii(string text) =>
        string.Create(text.Length, text, static (shown, text) =>
        {
            for (var i = 0; i < shown.Length; i++)
            {
                shown[i] = text[i] is >= ' ' and <= '~' ? text[i] : '?';
            }
        });
}
