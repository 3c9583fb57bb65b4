using Relay.Flood.Sink;
using Relay.Smtp.Replies;

namespace Relay.Flood.Tests.Sink;

public class SinkFaultTests
{
    [Theory]
    [InlineData("RCPT=451", SinkPlace.Rcpt, "451 4.0.0 Refused by the sink's settings")]
    [InlineData("rcpt=550 No such user", SinkPlace.Rcpt, "550 5.0.0 No such user")]
    [InlineData("Mail=450 4.7.1 Slow down", SinkPlace.Mail, "450 4.7.1 Slow down")]
    [InlineData("DATA=554", SinkPlace.Data, "554 5.0.0 Refused by the sink's settings")]
    [InlineData("DOT=552 5.3.4", SinkPlace.Dot, "552 5.3.4 Refused by the sink's settings")]
    [InlineData("DOT=452 10.0.0.1 is full", SinkPlace.Dot, "452 4.0.0 10.0.0.1 is full")]
    [InlineData("EHLO=502 What?", SinkPlace.Ehlo, "502 What?")]
    [InlineData("CONNECT=421", SinkPlace.Connect, "421 Refused by the sink's settings")]
    public void A_fault_is_read_from_place_code_and_text(string text, SinkPlace place, string reply)
    {
        Assert.True(SinkFault.TryParse(text, out var fault, out var error), error);
        Assert.Equal(place, fault.Place);
        Assert.Equal(reply, fault.Reply.ToString());
    }

    [Theory]
    [InlineData("RCPT", "RCPT=451")]
    [InlineData("", "RCPT=451")]
    [InlineData("=451", "not a place")]
    [InlineData("VRFY=451", "CONNECT, EHLO, MAIL")]
    [InlineData("AFTER-DOT=451", "not a place")]
    [InlineData("RCPT=", "400 to 599")]
    [InlineData("RCPT=250", "400 to 599")]
    [InlineData("RCPT=399", "400 to 599")]
    [InlineData("RCPT=600", "400 to 599")]
    [InlineData("RCPT=4510", "400 to 599")]
    [InlineData("RCPT=45", "400 to 599")]
    [InlineData("RCPT=+45", "400 to 599")]
    [InlineData("RCPT= 451", "400 to 599")]
    [InlineData("RCPT=451-no", "400 to 599")]
    [InlineData("RCPT=451 5.1.1 no", "does not go with 451")]
    [InlineData("RCPT=451 a\r\nb", "printable ASCII")]
    [InlineData("RCPT=451 käse", "printable ASCII")]
    public void What_is_not_a_fault_is_refused_with_its_reason(string text, string reason)
    {
        Assert.False(SinkFault.TryParse(text, out var fault, out var error));
        Assert.Null(fault);
        Assert.Contains(reason, error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_text_of_a_fault_has_a_limit()
    {
        Assert.True(SinkFault.TryParse("RCPT=451 " + new string('x', SinkFault.TextMax), out _, out _));
        Assert.False(SinkFault.TryParse("RCPT=451 " + new string('x', SinkFault.TextMax + 1), out _, out _));
    }

    [Fact]
    public void Every_place_is_read_back_by_its_name()
    {
        foreach (var place in Enum.GetValues<SinkPlace>())
        {
            Assert.True(SinkPlaces.TryParse(SinkPlaces.NameOf(place).ToLowerInvariant(), out var read));
            Assert.Equal(place, read);
            Assert.Contains(SinkPlaces.NameOf(place), SinkPlaces.Names, StringComparison.Ordinal);
        }

        Assert.False(SinkPlaces.TryParse("DOTS", out _));
    }

    [Fact]
    public void A_status_that_is_given_is_kept_in_parts()
    {
        Assert.Equal(new EnhancedStatus(5, 10, 999), TestSinks.Fault("MAIL=550 5.10.999 x").Reply.Status);
    }
}
