using System.Net;
using Relay.Policy.Documents;
using Relay.Policy.Findings;
using Relay.Smtp.Addresses;

namespace Relay.Policy.Decisions;

/// <summary><c>dnsBlocklists</c> and <c>dnsAllowlists</c>, compiled.</summary>
internal sealed class DnsLists
{
    private readonly Entry[] _blocklists;
    private readonly Entry[] _allowlists;

    /// <summary>Compiles the lists.</summary>
    public DnsLists(PolicyDocument document, RuleBook book)
    {
        _blocklists = [.. document.DnsBlocklists.DistinctBy(list => list.Zone).Select(list => Compile(list, book))];
        _allowlists = [.. document.DnsAllowlists.DistinctBy(list => list.Zone).Select(list => Compile(list, book))];
        // Whom neither a blocklist nor greylisting refuses, no allow-list needs to free.
        Zones = _blocklists.Length == 0 && !document.Greylisting.IsOn ? [] : [.. _allowlists.Concat(_blocklists).Select(list => list.Zone).Distinct()];
    }

    /// <summary>The zones to ask; empty when none can change anything.</summary>
    public IReadOnlyList<MailDomain> Zones { get; }

    /// <summary>The refusal of the first blocklist in order that has one for the client; null when none does, or an allow-list has the
    /// client.</summary>
    public Verdict? Decide(IReadOnlyList<DnsListFinding> findings, PolicyTrace? trace)
    {
        if (findings.Count == 0 || _blocklists.Length == 0 || IsAllowed(findings, trace))
        {
            return null;
        }

        foreach (var list in _blocklists)
        {
            if (list.Counts(findings))
            {
                trace?.Listed("dnsBlocklists", list.Zone, list.Verdict);
                if (!list.Verdict.IsAccept)
                {
                    return list.Verdict;
                }
            }
        }

        return null;
    }

    /// <summary>The blocklists that have the client and do not refuse it; empty, and free, when there is none.</summary>
    public IReadOnlyList<ListMark> MarksOf(IReadOnlyList<DnsListFinding> findings)
    {
        if (findings.Count == 0 || _blocklists.Length == 0 || IsAllowed(findings, trace: null))
        {
            return [];
        }

        List<ListMark>? marks = null;
        foreach (var list in _blocklists)
        {
            if (list.Action is DnsBlocklistAction.Tarpit or DnsBlocklistAction.Log && list.Counts(findings))
            {
                (marks ??= []).Add(new ListMark(list.Zone, list.Action, list.Verdict.RuleAndPlace));
            }
        }

        return marks ?? (IReadOnlyList<ListMark>)[];
    }

    /// <summary>True when an allow-list has the client.</summary>
    public bool IsAllowed(IReadOnlyList<DnsListFinding> findings, PolicyTrace? trace)
    {
        foreach (var list in _allowlists)
        {
            if (list.Counts(findings))
            {
                trace?.Listed("dnsAllowlists", list.Zone, list.Verdict);
                return true;
            }
        }

        return false;
    }

    private static Entry Compile(DnsBlocklist list, RuleBook book)
    {
        var verdict = Verdicts.Listed(list, book.Entry("dnsBlocklists", list.Zone.Name));
        return new Entry(list.Zone, list.Answers, list.Action, verdict);
    }

    private static Entry Compile(DnsAllowlist list, RuleBook book) =>
        new(list.Zone, list.Answers, DnsBlocklistAction.Log, Verdicts.Accept(book.Entry("dnsAllowlists", list.Zone.Name)));

    private sealed record Entry(MailDomain Zone, IReadOnlyList<IPAddress> Answers, DnsBlocklistAction Action, Verdict Verdict)
    {
        /// <summary>True when the list gave an answer that policy names. Others mean something else: that the asker is not served, or
        /// that the list has gone and its domain answers everything.</summary>
        public bool Counts(IReadOnlyList<DnsListFinding> findings)
        {
            for (var i = 0; i < findings.Count; i++)
            {
                if (findings[i].Zone.Equals(Zone))
                {
                    for (var j = 0; j < findings[i].Answers.Count; j++)
                    {
                        if (Answers.Contains(findings[i].Answers[j]))
                        {
                            return true;
                        }
                    }
                }
            }

            return false;
        }
    }
}

/// <summary>A blocklist that has a client whose mail is taken all the same.</summary>
/// <param name="Zone">The list's zone.</param>
/// <param name="Action">What is to be done: <see cref="DnsBlocklistAction.Tarpit"/> or <see cref="DnsBlocklistAction.Log"/>.</param>
/// <param name="Rule">The rule with its place, for the log.</param>
public sealed record ListMark(MailDomain Zone, DnsBlocklistAction Action, string Rule);
