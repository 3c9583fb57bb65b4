using Relay.Policy.Documents;
using Relay.Policy.Findings;
using Relay.Policy.Values;
using Relay.Smtp.Addresses;

namespace Relay.Policy.Decisions;

/// <summary><c>recipients</c>, compiled: how recipients of accepted domains are known, and what each finding means.</summary>
internal sealed class RecipientChecks
{
    private readonly DomainTable<Entry> _entries;
    private readonly Dictionary<string, Entry> _byRule = new(StringComparer.Ordinal);

    /// <summary>Compiles a document's entries.</summary>
    public RecipientChecks(PolicyDocument document, RuleBook book)
    {
        var onCalloutTrouble = document.AcceptsOnCalloutTrouble ? Verdicts.Accept(book.Key("calloutTrouble")) : null;
        var entries = document.Recipients.Select(rule => KeyValuePair.Create(rule.Pattern, Compile(rule, book, onCalloutTrouble))).ToList();
        _entries = new DomainTable<Entry>(entries);
        foreach (var (_, entry) in entries)
        {
            if (entry.Check is { } check)
            {
                _byRule.TryAdd(check.Rule, entry);
            }
        }
    }

    /// <summary>The check of the most specific entry for a recipient's domain; null for <c>none</c> and without an entry.</summary>
    public RecipientCheck? Find(MailPath recipient) => recipient.Domain is { } domain ? _entries.Find(domain)?.Check : null;

    /// <summary>What a finding means. A list that cannot be read always defers, and so do bounds of ours: that is trouble of
    /// ours.</summary>
    /// <exception cref="ArgumentException">The check is of another policy.</exception>
    public Verdict Decide(RecipientCheck check, RecipientFinding finding)
    {
        if (!_byRule.TryGetValue(check.Rule, out var entry))
        {
            throw new ArgumentException($"{check.Rule} is no rule of this policy.", nameof(check));
        }

        return finding switch
        {
            RecipientFinding.Known => entry.Known,
            RecipientFinding.Unknown => entry.Unknown,
            RecipientFinding.Busy => entry.Busy,
            _ => entry.Trouble,
        };
    }

    private static Entry Compile(RecipientRule entry, RuleBook book, Verdict? onCalloutTrouble)
    {
        var rule = book.Entry("recipients", entry.Pattern.ToString());
        var onTrouble = entry.Kind == RecipientCheckKind.Callout ? onCalloutTrouble : null;
        return new Entry(
            entry.Kind is { } kind ? new RecipientCheck(kind, entry.File, rule.Name) : null,
            Verdicts.Accept(rule),
            Verdicts.NoSuchRecipient(rule),
            onTrouble ?? Verdicts.RecipientNotChecked(rule),
            Verdicts.RecipientNotChecked(rule));
    }

    private sealed record Entry(RecipientCheck? Check, Verdict Known, Verdict Unknown, Verdict Trouble, Verdict Busy);
}
