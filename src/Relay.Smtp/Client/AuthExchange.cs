using System.Buffers;
using System.Buffers.Text;
using Relay.Smtp.Replies;

namespace Relay.Smtp.Client;

/// <summary>AUTH by PLAIN (RFC 4616), else by LOGIN.</summary>
internal sealed class AuthExchange(ClientCredentials credentials)
{
    /// <summary>Octets of a command line with its CRLF; an initial response that does not fit waits for a challenge (RFC 4954 section 4).</summary>
    private const int CommandLineMax = 512;

    private Awaited _awaited;

    private enum Awaited : byte
    {
        PlainChallenge,
        UserChallenge,
        PasswordChallenge,
        Verdict,
    }

    /// <summary>What a reply to AUTH means.</summary>
    public enum Answer : byte
    {
        /// <summary>Another reply is to come.</summary>
        More,

        /// <summary>We are known now.</summary>
        Known,

        /// <summary>The peer refuses.</summary>
        Refused,

        /// <summary>The reply does not fit.</summary>
        OutOfStep,
    }

    /// <summary>Begins by the best mechanism that the peer offers.</summary>
    /// <returns>False when it offers none that is spoken here.</returns>
    public bool TryBegin(ServerCapabilities peer, IBufferWriter<byte> output)
    {
        if (peer.HasAuthPlain)
        {
            var isInitial = "AUTH PLAIN \r\n"u8.Length + Base64.GetMaxEncodedToUtf8Length(credentials.Plain.Length) <= CommandLineMax;
            output.Write(isInitial ? "AUTH PLAIN "u8 : "AUTH PLAIN\r\n"u8);
            _awaited = Awaited.PlainChallenge;
            if (isInitial)
            {
                Respond(credentials.Plain, Awaited.Verdict, output);
            }

            return true;
        }

        if (peer.HasAuthLogin)
        {
            output.Write("AUTH LOGIN\r\n"u8);
            _awaited = Awaited.UserChallenge;
        }

        return peer.HasAuthLogin;
    }

    /// <summary>Takes a reply and answers a challenge.</summary>
    public Answer OnReply(ReplyParser reply, IBufferWriter<byte> output)
    {
        if (reply.Code >= 400)
        {
            return Answer.Refused;
        }

        if (reply.Code < 300)
        {
            return _awaited == Awaited.Verdict ? Answer.Known : Answer.OutOfStep;
        }

        switch (_awaited)
        {
            case Awaited.PlainChallenge:
                Respond(credentials.Plain, Awaited.Verdict, output);
                return Answer.More;
            case Awaited.UserChallenge:
                Respond(credentials.User, Awaited.PasswordChallenge, output);
                return Answer.More;
            case Awaited.PasswordChallenge:
                Respond(credentials.Password, Awaited.Verdict, output);
                return Answer.More;
            default:
                return Answer.OutOfStep;
        }
    }

    /// <summary>The peer's refusal, without its words when they may repeat a secret.</summary>
    public SmtpReply ToShow(SmtpReply reply) =>
        credentials.MayBeIn(string.Join(' ', reply.Lines)) ? new SmtpReply(reply.Code, reply.Status, "AUTH refused") : reply;

    private void Respond(ReadOnlySpan<byte> octets, Awaited next, IBufferWriter<byte> output)
    {
        Base64.EncodeToUtf8(octets, output.GetSpan(Base64.GetMaxEncodedToUtf8Length(octets.Length)), out _, out var length);
        output.Advance(length);
        output.Write("\r\n"u8);
        _awaited = next;
    }
}
