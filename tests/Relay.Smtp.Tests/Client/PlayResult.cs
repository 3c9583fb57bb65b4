using System.Text;
using Relay.Smtp.Client;

namespace Relay.Smtp.Tests.Client;

/// <summary>What came of a script.</summary>
internal sealed record PlayResult(
    IReadOnlyList<IReadOnlyList<RecipientOutcome>> Transactions,
    ClientFailure? Failure,
    ClientStep LastStep,
    ClientStage Stage,
    bool IsUsable,
    ServerCapabilities Capabilities,
    string Sent)
{
    /// <summary>The outcomes of the only transaction.</summary>
    public IReadOnlyList<RecipientOutcome> Outcomes => Assert.Single(Transactions);

    /// <summary>All of it as text, to compare two runs.</summary>
    public string Describe()
    {
        var text = new StringBuilder();
        foreach (var outcomes in Transactions)
        {
            text.AppendLine("transaction");
            foreach (var outcome in outcomes)
            {
                text.AppendLine($"  {outcome.Kind} {outcome.Stage} {outcome.Reply}");
            }
        }

        text.AppendLine($"{LastStep} {Stage} usable={IsUsable} failure={Failure?.Stage} {Failure?.Reply}");
        return text.Append(Sent).ToString();
    }
}
