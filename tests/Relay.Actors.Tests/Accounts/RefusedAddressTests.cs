using Relay.Actors.Accounts;
using Relay.Smtp.Client;
using Relay.Smtp.Replies;

namespace Relay.Actors.Tests.Accounts;

public sealed class RefusedAddressTests
{
    [Theory]
    [InlineData(ClientStage.Rcpt, 550, "5.1.1", true)]
    [InlineData(ClientStage.Rcpt, 550, "5.1.10", true)]
    [InlineData(ClientStage.Rcpt, 550, "5.2.1", true)]
    [InlineData(ClientStage.Rcpt, 550, "", true)]
    [InlineData(ClientStage.Rcpt, 550, "5.0.0", true)]
    [InlineData(ClientStage.Rcpt, 551, "", true)]
    [InlineData(ClientStage.Rcpt, 553, "", true)]
    [InlineData(ClientStage.Rcpt, 554, "", false)]
    [InlineData(ClientStage.Rcpt, 554, "5.7.1", false)]
    [InlineData(ClientStage.Rcpt, 550, "5.7.1", false)]
    [InlineData(ClientStage.Rcpt, 550, "5.1.8", false)]
    [InlineData(ClientStage.Rcpt, 553, "5.1.7", false)]
    [InlineData(ClientStage.Rcpt, 552, "5.2.2", false)]
    [InlineData(ClientStage.Rcpt, 552, "5.3.4", false)]
    [InlineData(ClientStage.Rcpt, 553, "5.6.7", false)]
    [InlineData(ClientStage.Mail, 550, "5.7.1", false)]
    [InlineData(ClientStage.Mail, 550, "", false)]
    [InlineData(ClientStage.Mail, 550, "5.1.1", false)]
    [InlineData(ClientStage.Helo, 550, "", false)]
    [InlineData(ClientStage.EndOfData, 550, "", false)]
    [InlineData(ClientStage.EndOfData, 550, "5.7.1", false)]
    [InlineData(ClientStage.EndOfData, 550, "5.1.1", true)]
    [InlineData(ClientStage.Connect, 556, "5.1.10", true)]
    [InlineData(ClientStage.Connect, 550, "5.1.2", true)]
    [InlineData(ClientStage.Connect, 550, "5.4.4", true)]
    [InlineData(ClientStage.Connect, 554, "5.4.6", false)]
    public void Only_refusals_of_an_address_that_leads_nowhere_count(ClientStage stage, int code, string status, bool tells)
    {
        var digits = status.Split('.', StringSplitOptions.RemoveEmptyEntries).Select(short.Parse).ToArray();
        var reply = new SmtpReply(code, digits.Length == 0 ? EnhancedStatus.None : new(digits[0], digits[1], digits[2]), "x");
        Assert.Equal(tells, RefusedAddress.Tells(new RecipientOutcome(OutcomeKind.Bounced, stage, reply)));
        Assert.False(RefusedAddress.Tells(new RecipientOutcome(OutcomeKind.Deferred, stage, reply)));
    }
}
