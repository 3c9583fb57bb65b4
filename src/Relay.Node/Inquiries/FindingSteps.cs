using System.Net;
using Relay.Node.CommandLine.Api;
using Relay.Policy.Findings;
using Relay.Smtp.Addresses;

namespace Relay.Node.Inquiries;

/// <summary>Tells people what DNS said of a client and a sender, question by question.</summary>
internal static class FindingSteps
{
    private const string Key = "dns";

    /// <summary>A step for each question that was wanted.</summary>
    public static IEnumerable<ExplainStep> Of(IPAddress client, MailPath sender, Inquiry wanted, MailFindings findings)
    {
        if (wanted.ClientName)
        {
            yield return new ExplainStep(Key, $"the name of {client}: {NameOf(findings.ClientName)}", null);
        }

        if (wanted.SenderDomain && findings.SenderDomain != SenderDomainFinding.NotAsked)
        {
            yield return new ExplainStep(Key, $"{sender.Domain} {WordsOf(findings.SenderDomain)}", null);
        }

        foreach (var zone in wanted.Lists)
        {
            var said = findings.Lists.FirstOrDefault(list => list.Zone.Equals(zone));
            var words = said is null ? "does not answer, or is not used because it fails its test"
                : said.Answers.Count == 0 ? $"does not list {client}"
                : $"lists {client}: {string.Join(", ", said.Answers)}";
            yield return new ExplainStep(Key, $"{zone} {words}", null);
        }
    }

    private static string NameOf(HostNameFinding name) => name.State switch
    {
        HostNameState.Proven => $"{name.Name}, which leads back to it",
        HostNameState.None => "none that leads back to it",
        _ => "no answer",
    };

    private static string WordsOf(SenderDomainFinding finding) => finding switch
    {
        SenderDomainFinding.TakesMail => "can take mail",
        SenderDomainFinding.NullMx => "says that it takes no mail (null MX)",
        SenderDomainFinding.Unknown => "does not exist, or has neither mail exchangers nor an address",
        _ => "could not be asked about: no answer",
    };
}
