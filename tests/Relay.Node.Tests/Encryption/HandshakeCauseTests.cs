using System.Security.Authentication;
using Relay.Node.Encryption;

namespace Relay.Node.Tests.Encryption;

/// <summary>Why a handshake failed, in a sentence of ours with the library's words behind it.</summary>
public sealed class HandshakeCauseTests
{
    [Theory]
    [InlineData("error:0A000102:SSL routines::unsupported protocol", "the client speaks neither TLS 1.2 nor 1.3")]
    [InlineData("error:0A0000C1:SSL routines::no shared cipher", "the client offers no cipher suite that is taken here")]
    [InlineData("error:0A000065:SSL routines::no suitable key share", "the client offers no key exchange or signature that is taken here")]
    [InlineData("error:0A00010B:SSL routines::wrong version number", "the client does not go on with TLS")]
    [InlineData("error:0A000418:SSL routines::tlsv1 alert unknown ca", "the client does not know who issued our certificate")]
    [InlineData("error:0A000412:SSL routines::sslv3 alert bad certificate", "the client does not take our certificate")]
    [InlineData("error:0A00042E:SSL routines::tlsv1 alert protocol version", "the client speaks no version of TLS that is spoken here")]
    [InlineData("error:0A00045C:SSL routines::tlsv13 alert certificate required", "the client ended the handshake with an alert")]
    [InlineData("error:0A00007B:SSL routines::bad signature", "the handshake came to nothing")]
    [InlineData("Authentication failed, see inner exception.", "the handshake came to nothing")]
    [InlineData("error:FFFFFFFF:x", "the client ended the handshake with an alert")]
    public void The_sentence_goes_by_the_number_and_the_detail_is_kept(string detail, string sentence)
    {
        var failure = new AuthenticationException("Authentication failed.", new InvalidOperationException("SSL Handshake failed.", new FormatException(detail)));
        Assert.Equal($"{sentence}: {detail}", HandshakeCause.Of(failure));
    }

    [Fact]
    public void A_connection_that_ended_says_so() => Assert.Equal(
        "the connection ended before the handshake did: Received an unexpected EOF or 0 bytes from the transport stream.",
        HandshakeCause.Of(new IOException("Received an unexpected EOF or 0 bytes from the transport stream.")));

    [Fact]
    public void A_sentence_of_ours_is_enough() =>
        Assert.Equal(DuplexPipeStream.TooMuch, HandshakeCause.Of(new AuthenticationException("Authentication failed.", new IOException(DuplexPipeStream.TooMuch))));
}
