using Relay.Node.Authentication;
using Relay.Node.Penalties;
using Relay.Smtp.Replies;
using Relay.Smtp.Server;

namespace Relay.Node.Tests.Penalties;

public sealed class OffenceTests
{
    [Theory]
    [InlineData(550, "5.7.1", "default.relay", Offence.Recipient)]
    [InlineData(550, "5.1.1", "recipients[\"relay.example\"]", Offence.Recipient)]
    [InlineData(450, "4.7.1", "limits[\"client\"]", Offence.None)]
    [InlineData(452, "4.3.1", "spool", Offence.None)]
    [InlineData(451, "4.3.0", "session", Offence.None)]
    [InlineData(421, "4.7.0", "penalty", Offence.None)]
    [InlineData(421, "4.7.0", null, Offence.None)]
    [InlineData(421, "4.4.2", null, Offence.None)]
    [InlineData(521, "5.5.1", "connections.pregreetWait", Offence.Pregreet)]
    [InlineData(451, "4.7.1", "greylisting.delay (policy.json:3)", Offence.None)]
    [InlineData(535, "5.7.8", Authenticator.Rule, Offence.Login)]
    [InlineData(454, "4.7.0", Authenticator.Rule, Offence.None)]
    internal void What_is_refused_for_good_counts_and_what_is_for_now_does_not(int code, string status, string? rule, Offence offence)
    {
        var digits = status.Split('.').Select(byte.Parse).ToArray();
        var reply = new SmtpReply(code, new(digits[0], digits[1], digits[2]), "x");
        Assert.Equal(offence, Offences.Of(RefusalPlace.Recipient, reply, rule));
    }

    /// <summary>The table of docs/policy.md.</summary>
    [Theory]
    [InlineData(Offence.Recipient, 1)]
    [InlineData(Offence.Command, 1)]
    [InlineData(Offence.Rate, 1)]
    [InlineData(Offence.Login, 2)]
    [InlineData(Offence.Pregreet, 10)]
    [InlineData(Offence.ThrownOut, 10)]
    internal void An_offence_counts_as_the_table_says(Offence offence, int weight) => Assert.Equal(weight, Offences.WeightOf(offence));

    [Theory]
    [InlineData(null)]
    [InlineData("default.relay")]
    [InlineData("limits[\"client\"]")]
    public void Whoever_is_thrown_out_is_so_whatever_rule_refused_the_last_command(string? rule)
    {
        Assert.Equal(Offence.ThrownOut, Offences.Of(RefusalPlace.Recipient, CannedReplies.TooManyErrors, rule));
        Assert.Equal(Offence.ThrownOut, Offences.Of(RefusalPlace.Command, CannedReplies.TooMuchJunk, rule));
        Assert.Equal(Offence.None, Offences.Of(RefusalPlace.Command, CannedReplies.TooManyDeferrals, rule));
    }

    [Fact]
    public void Every_offence_weighs_something_and_has_a_name()
    {
        Assert.All(Offences.All, offence => Assert.True(Offences.WeightOf(offence) > 0));
        Assert.Equal(Offences.All.Count, Offences.All.Select(Offences.NameOf).Append("none").Distinct().Count() - 1);
        Assert.Equal(0, Offences.WeightOf(Offence.None));
    }
}
