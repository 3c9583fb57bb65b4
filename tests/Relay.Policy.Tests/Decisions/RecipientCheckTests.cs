using Relay.Policy.Decisions;
using Relay.Policy.Findings;
using static Relay.Policy.Tests.TestPolicies;

namespace Relay.Policy.Tests.Decisions;

/// <summary>Which check a recipient has, and what comes of its finding.</summary>
public sealed class RecipientCheckTests
{
    private const string Json = """
        {
          "acceptedDomains": ["relay.example", ".relay.example", "other.example"],
          "recipients": {
            "relay.example": "file:lists/users.txt",
            ".relay.example": "callout",
            "open.relay.example": "none",
            ".deep.relay.example": "file:deep.txt"
          },
          "calloutTrouble": "defer"
        }
        """;

    private static readonly PolicySnapshot Policy = Compile(Json);

    [Theory]
    [InlineData("u@relay.example", RecipientCheckKind.File, "lists/users.txt", "recipients[\"relay.example\"]")]
    [InlineData("U@RELAY.example", RecipientCheckKind.File, "lists/users.txt", "recipients[\"relay.example\"]")]
    [InlineData("u@a.b.relay.example", RecipientCheckKind.Callout, null, "recipients[\".relay.example\"]")]
    [InlineData("u@deep.relay.example", RecipientCheckKind.Callout, null, "recipients[\".relay.example\"]")]
    [InlineData("u@a.deep.relay.example", RecipientCheckKind.File, "deep.txt", "recipients[\".deep.relay.example\"]")]
    public void Most_specific_entry_says_how_a_recipient_is_known(string recipient, RecipientCheckKind kind, string? file, string rule) =>
        Assert.Equal(new RecipientCheck(kind, file, rule), Policy.CheckFor(Path(recipient)));

    [Theory]
    [InlineData("u@open.relay.example")]
    [InlineData("u@other.example")]
    [InlineData("n@victim.example")]
    [InlineData("n@[192.0.2.1]")]
    [InlineData("postmaster")]
    [InlineData("PostMaster@relay.example")]
    [InlineData("\"postmaster\"@a.relay.example")]
    public void Others_have_no_check(string recipient) => Assert.Null(Policy.CheckFor(Path(recipient)));

    [Theory]
    [InlineData("u@relay.example", "defer", RecipientFinding.Known, VerdictAction.Accept, null)]
    [InlineData("u@relay.example", "defer", RecipientFinding.Unknown, VerdictAction.Refuse, "550 5.1.1")]
    [InlineData("u@relay.example", "defer", RecipientFinding.Trouble, VerdictAction.Defer, "451 4.4.3")]
    [InlineData("u@relay.example", "accept", RecipientFinding.Trouble, VerdictAction.Defer, "451 4.4.3")]
    [InlineData("u@a.relay.example", "defer", RecipientFinding.Known, VerdictAction.Accept, null)]
    [InlineData("u@a.relay.example", "defer", RecipientFinding.Unknown, VerdictAction.Refuse, "550 5.1.1")]
    [InlineData("u@a.relay.example", "defer", RecipientFinding.Trouble, VerdictAction.Defer, "451 4.4.3")]
    [InlineData("u@a.relay.example", "accept", RecipientFinding.Unknown, VerdictAction.Refuse, "550 5.1.1")]
    [InlineData("u@a.relay.example", "accept", RecipientFinding.Trouble, VerdictAction.Accept, null)]
    [InlineData("u@a.relay.example", "accept", RecipientFinding.Busy, VerdictAction.Defer, "451 4.4.3")]
    [InlineData("u@a.relay.example", "defer", RecipientFinding.Busy, VerdictAction.Defer, "451 4.4.3")]
    public void Finding_decides(string recipient, string onTrouble, RecipientFinding finding, VerdictAction action, string? reply)
    {
        var policy = Compile(Json.Replace("\"defer\"", $"\"{onTrouble}\"", StringComparison.Ordinal));
        var check = policy.CheckFor(Path(recipient))!;
        var verdict = policy.DecideFinding(check, finding);
        Assert.Equal(action, verdict.Action);
        Assert.Equal(reply, verdict.Reply is { } said ? $"{said.Code} {said.Status}" : null);
        Assert.Equal(finding == RecipientFinding.Trouble && verdict.IsAccept ? "calloutTrouble" : check.Rule, verdict.Rule);
    }

    [Fact]
    public void Check_of_another_policy_is_an_error() =>
        Assert.Throws<ArgumentException>(() => Compile("{}").DecideFinding(Policy.CheckFor(Path("u@relay.example"))!, RecipientFinding.Known));
}
