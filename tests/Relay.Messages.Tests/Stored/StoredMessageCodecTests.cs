using System.Net;
using CsCheck;
using Relay.Messages.Stored;
using Relay.Smtp.Addresses;
using Relay.Smtp.Envelopes;

namespace Relay.Messages.Tests.Stored;

public sealed class StoredMessageCodecTests
{
    [Fact]
    public void Everything_of_an_envelope_survives()
    {
        var message = new StoredMessage(
            new Envelope(
                Path("\"a b\"@Sender.Example"),
                new MailParameters(1234, BodyType.EightBitMime, true, DsnReturn.Headers, "env+2Bid"),
                [
                    new EnvelopeRecipient(Path("user%other.example@relay.example"), DsnNotify.Success | DsnNotify.Delay, "rfc822;u@x.example"),
                    new EnvelopeRecipient(Path("second@[192.0.2.1]"), DsnNotify.Never, null),
                ]),
            new MessageOrigin(IPAddress.Parse("2001:db8::1"), "client.example", "public", "someone"),
            DateTimeOffset.FromUnixTimeMilliseconds(1_764_000_000_123),
            BodyHas8Bit: true)
        {
            HeaderMayHave8Bit = false,
            Reception = TimeSpan.FromMilliseconds(1_234),
        };

        AssertSame(message, StoredMessageCodec.Decode(StoredMessageCodec.Encode(message)));
    }

    [Fact]
    public void The_null_sender_and_absent_parameters_survive()
    {
        var message = new StoredMessage(
            new Envelope(MailPath.Null, MailParameters.None, [new EnvelopeRecipient(Path("u@relay.example"), DsnNotify.Unspecified, null)]),
            new MessageOrigin(IPAddress.Loopback, null, "default", null),
            DateTimeOffset.UnixEpoch,
            BodyHas8Bit: false);

        AssertSame(message, StoredMessageCodec.Decode(StoredMessageCodec.Encode(message)));
    }

    [Fact]
    public void A_header_written_before_its_newer_fields_may_hold_anything()
    {
        var message = new StoredMessage(
            new Envelope(Path("a@b.example"), MailParameters.None, [new EnvelopeRecipient(Path("u@relay.example"), DsnNotify.Unspecified, null)]),
            new MessageOrigin(IPAddress.Loopback, "h", "default", null),
            DateTimeOffset.UnixEpoch,
            BodyHas8Bit: true);
        var older = StoredMessageCodec.Encode(message);
        var newer = StoredMessageCodec.Encode(message with { HeaderMayHave8Bit = false, Reception = TimeSpan.FromSeconds(1) });
        Assert.Equal(older, newer[..older.Length]);
        Assert.True(StoredMessageCodec.Decode(older).HeaderMayHave8Bit);
        Assert.Equal(TimeSpan.Zero, StoredMessageCodec.Decode(older).Reception);
    }

    [Fact]
    public void Octets_that_are_no_header_are_invalid_data_and_nothing_else() =>
        Gen.Byte.Array[0, 200].Sample(octets =>
        {
            try
            {
                Assert.NotEmpty(StoredMessageCodec.Decode(octets).Envelope.Recipients);
            }
            catch (InvalidDataException)
            {
                // Said as documented.
            }
        });

    [Fact]
    public void A_damaged_header_is_invalid_data_or_another_header()
    {
        var whole = StoredMessageCodec.Encode(new StoredMessage(
            new Envelope(Path("a@b.example"), MailParameters.None, [new EnvelopeRecipient(Path("u@relay.example"), DsnNotify.Unspecified, null)]),
            new MessageOrigin(IPAddress.Loopback, "h", "default", null),
            DateTimeOffset.UnixEpoch,
            BodyHas8Bit: false));
        Gen.Select(Gen.Int[0, whole.Length - 1], Gen.Byte).Sample((at, value) =>
        {
            var damaged = whole.ToArray();
            damaged[at] = value;
            try
            {
                StoredMessageCodec.Decode(damaged);
            }
            catch (InvalidDataException)
            {
                // Said as documented.
            }
        });
    }

    private static MailPath Path(string text) =>
        MailPath.TryParse(text, out var path) ? path : throw new ArgumentException(text);

    private static void AssertSame(StoredMessage expected, StoredMessage actual)
    {
        Assert.Equal(expected.Envelope.Sender.Text, actual.Envelope.Sender.Text);
        Assert.Equal(expected.Envelope.Parameters, actual.Envelope.Parameters);
        Assert.Equal(expected.Envelope.Recipients, actual.Envelope.Recipients);
        Assert.Equal(expected.Envelope.Recipients.Select(r => r.Path.Text), actual.Envelope.Recipients.Select(r => r.Path.Text));
        Assert.Equal(expected.Origin, actual.Origin);
        Assert.Equal(expected.AcceptedAt, actual.AcceptedAt);
        Assert.Equal(expected.BodyHas8Bit, actual.BodyHas8Bit);
        Assert.Equal(expected.HeaderMayHave8Bit, actual.HeaderMayHave8Bit);
        Assert.Equal(expected.Reception, actual.Reception);
    }
}
