using Relay.Node.CommandLine.Api;
using Relay.Node.Penalties;
using Relay.Policy.Decisions;
using Relay.Policy.Values;

namespace Relay.Node.Admin;

/// <summary>What is told of a client that is cut off, before policy is asked anything.</summary>
internal static class PenaltyExplanation
{
    /// <summary>The answer for a client under a penalty; null for anybody else.</summary>
    public static ExplainAnswer? Refuse(PenaltyBox penalties, in ClientFacts client, long version)
    {
        if (client.IsBalancer || penalties.Of(client.Address) is not { } finding)
        {
            return null;
        }

        var left = new Duration(TimeSpan.FromSeconds(Math.Ceiling(finding.Left.TotalSeconds)));
        var step = new ExplainStep(
            PenaltyBox.Rule,
            $"{client.Address} is cut off for {new Duration(finding.Length)}, {left} of it to come; the last that counted: {Offences.NameOf(finding.Last)}",
            "refuse");
        return new ExplainAnswer(version, "refuse", PenaltyBox.Rule, null, PenaltyBox.Reply.ToString(), null, null, [step]);
    }
}
