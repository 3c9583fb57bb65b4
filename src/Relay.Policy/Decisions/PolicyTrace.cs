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

    /// <summary>Something was found out that decides nothing.</summary>
    public void Note(string key, string finding) => Steps.Add(new PolicyStep(key, finding, null));

    /// <summary>A verdict was reached in another way than by a look-up.</summary>
    public void Decided(string key, string finding, Verdict verdict) => Steps.Add(new PolicyStep(key, finding, verdict.Action));

    /// <summary>Nothing allowed it.</summary>
    public void Otherwise(Verdict verdict) => Decided(verdict.Rule, "nothing above allows it", verdict);
}
