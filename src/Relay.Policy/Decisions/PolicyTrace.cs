using Relay.Policy.Findings;
using Relay.Smtp.Addresses;

namespace Relay.Policy.Decisions;

/// <summary>Writes down the steps of a decision for an explanation. Deciding for real has none, and so costs nothing.</summary>
internal sealed class PolicyTrace
{
    /// <summary>The steps, in order.</summary>
    public List<PolicyStep> Steps { get; } = [];

    /// <summary>A rule was looked up; a verdict when one was found.</summary>
    public void Looked(string key, object? subject, Verdict? found)
    {
        var finding = found is null ? $"has no entry for {subject}" : $"{found.Rule} names {subject}";
        Steps.Add(new PolicyStep(key, finding, found?.Action));
    }

    /// <summary>It was looked whether the client is authenticated, and what that gives it.</summary>
    public void User(string? user, Verdict? right)
    {
        if (user is null)
        {
            Note("relay.authenticated", "the client is not authenticated");
        }
        else if (right is null)
        {
            Note("relay.authenticated", $"gives no right to {user}");
        }
        else
        {
            Decided("relay.authenticated", $"gives the right to {user}", right);
        }
    }

    /// <summary>The rules about clients were looked at.</summary>
    public void Client(int rules, in ClientFacts client, HostNameFinding name, ClientFinding found)
    {
        if (rules == 0)
        {
            return;
        }

        var subject = name.State switch
        {
            HostNameState.Proven => $"{client.Address}, {name.Name}",
            HostNameState.None => $"{client.Address}, which has no proven name",
            HostNameState.Trouble => $"{client.Address}, whose name cannot be looked up",
            _ => $"{client.Address}, whose name was not asked for",
        };
        Looked("clients", subject, found.Verdict);
    }

    /// <summary>A DNS list has the client.</summary>
    public void Listed(string key, MailDomain zone, Verdict verdict) => Steps.Add(new PolicyStep(
        key, $"{verdict.Rule}: {zone} lists the client", verdict.IsAccept ? null : verdict.Action));

    /// <summary>Something was found out that decides nothing.</summary>
    public void Note(string key, string finding) => Steps.Add(new PolicyStep(key, finding, null));

    /// <summary>A verdict was reached in another way than by a look-up.</summary>
    public void Decided(string key, string finding, Verdict verdict) => Steps.Add(new PolicyStep(key, finding, verdict.Action));

    /// <summary>Nothing allowed it.</summary>
    public void Otherwise(Verdict verdict) => Decided(verdict.Rule, "nothing above allows it", verdict);
}
