using Relay.Policy.Documents;
using Relay.Policy.Findings;
using Relay.Policy.Values;
using Relay.Smtp.Addresses;

namespace Relay.Policy.Decisions;

/// <summary>What <c>senders</c> says of a sender whoever sends it, compiled.</summary>
internal sealed class SenderGate
{
    private readonly SenderTable<Verdict> _rules;
    private readonly Verdict? _unknown;
    private readonly Verdict? _nullMx;
    private readonly Verdict? _trouble;

    /// <summary>Compiles the rules.</summary>
    public SenderGate(SenderRules rules, RuleBook book)
    {
        var ordered = rules.Rules.Select(rule =>
            KeyValuePair.Create(rule.Sender, Verdicts.Sender(rule.Action, book.Entry("senders.rules", rule.Sender.ToString()))));
        var blocked = rules.Block.Select(sender =>
            KeyValuePair.Create(sender, Verdicts.Sender(RuleAction.Reject, book.Entry("senders.block", sender.ToString()))));
        _rules = new SenderTable<Verdict>(ordered.Concat(blocked));
        if (rules.UnknownDomains != RuleAction.Accept)
        {
            var source = book.Key("senders.unknownDomains");
            _unknown = Verdicts.SenderDomainUnknown(rules.UnknownDomains, source);
            _nullMx = Verdicts.SenderDomainTakesNoMail(source);
            _trouble = Verdicts.SenderDomainTrouble(source);
        }
    }

    /// <summary>True when anything is said of any sender.</summary>
    public bool HasRules => _rules.Count > 0 || AsksDomain;

    /// <summary>True when senders' domains are to be asked about.</summary>
    public bool AsksDomain => _unknown is not null;

    /// <summary>The verdict of the first rule or block that matches; null when none does. Never one for the null path.</summary>
    public Verdict? Find(MailPath sender) => _rules.Find(sender);

    /// <summary>The refusal of what DNS says of the sender's domain; null when nothing is wrong with it.</summary>
    public Verdict? DecideDomain(SenderDomainFinding finding) => finding switch
    {
        SenderDomainFinding.Unknown => _unknown,
        SenderDomainFinding.NullMx => _nullMx,
        SenderDomainFinding.Trouble => _trouble,
        _ => null,
    };
}
