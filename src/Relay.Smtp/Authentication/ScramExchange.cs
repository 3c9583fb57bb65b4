using System.Globalization;
using System.Text;

namespace Relay.Smtp.Authentication;

/// <summary>SCRAM-SHA-256 (RFC 5802, RFC 7677) without channel binding.</summary>
/// <remarks>
/// Client-first, then the verifier of the user, server-first, client-final, server-final, and an empty response: SMTP has no room for data
/// beside a 235 (RFC 4954 section 4). A wrong proof is decided upon at once, so that it is counted.
/// </remarks>
internal sealed class ScramExchange : SaslExchange
{
    /// <summary>Longest nonce of a client, in octets: our challenge repeats it.</summary>
    public const int ClientNonceMax = 512;

    private Awaited _awaited;
    private byte[] _header = [];
    private byte[] _firstBare = [];
    private byte[] _serverFirst = [];
    private byte[] _nonce = [];

    private enum Awaited : byte
    {
        ClientFirst,
        ClientFinal,
        Acknowledgement,
    }

    /// <inheritdoc/>
    public override SaslMechanism Mechanism => SaslMechanism.ScramSha256;

    /// <inheritdoc/>
    public override SaslStep Take(ReadOnlySpan<byte> response) => _awaited switch
    {
        Awaited.ClientFirst => TakeFirst(response),
        Awaited.ClientFinal => TakeFinal(response),
        _ => response.IsEmpty ? SaslStep.Decide : SaslStep.Malformed,
    };

    /// <summary>The server-first message.</summary>
    /// <param name="verifier">The user's verifier, or one that nobody's password fits.</param>
    /// <param name="nonce">Our part of the nonce: printable ASCII without comma, never used before.</param>
    public byte[] ServerFirst(ScramVerifier verifier, string nonce)
    {
        Verifier = verifier;
        _nonce = [.. _nonce, .. Encoding.ASCII.GetBytes(nonce)];
        var iterations = verifier.Iterations.ToString(CultureInfo.InvariantCulture);
        _serverFirst = [.. "r="u8, .. _nonce, .. ",s="u8, .. StrictBase64.Encode(verifier.Salt.Span), .. ",i="u8, .. Encoding.ASCII.GetBytes(iterations)];
        _awaited = Awaited.ClientFinal;
        return _serverFirst;
    }

    private SaslStep TakeFirst(ReadOnlySpan<byte> message)
    {
        // gs2-cbind-flag "," [ "a=" saslname ] ","
        var first = message.IndexOf((byte)',');
        var second = first < 0 ? -1 : message[(first + 1)..].IndexOf((byte)',');
        if (second < 0)
        {
            return SaslStep.Malformed;
        }

        var acting = message.Slice(first + 1, second);
        var bare = message[(first + second + 2)..];
        if (message[..first].StartsWith("p="u8))
        {
            return SaslStep.Refused; // no binding is offered, so it cannot be checked (RFC 5802 section 6)
        }

        if (!message[..first].SequenceEqual("n"u8) && !message[..first].SequenceEqual("y"u8))
        {
            return SaslStep.Malformed;
        }

        var attributes = new ScramAttributes(bare);
        if (!attributes.TryRead())
        {
            return SaslStep.Malformed;
        }

        if (attributes.Name == 'm')
        {
            return SaslStep.Refused; // an extension that must be understood, and none is (RFC 5802 section 5.1)
        }

        if (attributes.Name != 'n'
            || ScramAttributes.NameOf(attributes.Value) is not { } name
            || !attributes.TryRead('r')
            || attributes.Value.Length > ClientNonceMax
            || attributes.Value.ContainsAnyExceptInRange((byte)'!', (byte)'~'))
        {
            return SaslStep.Malformed;
        }

        _nonce = attributes.Value.ToArray();
        while (attributes.TryRead())
        {
            // Extensions that may be passed over.
        }

        if (!attributes.IsAtEnd)
        {
            return SaslStep.Malformed;
        }

        User = UserName.Canonical(name);
        if (!acting.IsEmpty)
        {
            var actingName = acting.StartsWith("a="u8) ? ScramAttributes.NameOf(acting[2..]) : null;
            if (string.IsNullOrEmpty(actingName))
            {
                return SaslStep.Malformed;
            }

            if (UserName.Canonical(actingName) != User)
            {
                return SaslStep.Refused;
            }
        }

        _header = message[..(first + second + 2)].ToArray();
        _firstBare = bare.ToArray();
        return new SaslStep(SaslOutcome.FindVerifier);
    }

    private SaslStep TakeFinal(ReadOnlySpan<byte> message)
    {
        var attributes = new ScramAttributes(message);
        if (!attributes.TryRead('c') || !StrictBase64.TryDecode(attributes.Value, out var binding) || !attributes.TryRead('r'))
        {
            return SaslStep.Malformed;
        }

        var isSame = binding.AsSpan().SequenceEqual(_header) && attributes.Value.SequenceEqual(_nonce);
        while (attributes.TryRead() && attributes.Name != 'p')
        {
            // Extensions that may be passed over.
        }

        if (attributes.Name != 'p' || !StrictBase64.TryDecode(attributes.Value, out var proof) || attributes.TryRead() || !attributes.IsAtEnd)
        {
            return SaslStep.Malformed;
        }

        var withoutProof = message[..message.LastIndexOf(",p="u8)];
        byte[] authMessage = [.. _firstBare, (byte)',', .. _serverFirst, (byte)',', .. withoutProof];
        IsProven = Verifier!.IsProvenBy(proof, authMessage) && isSame;
        if (!IsProven)
        {
            return SaslStep.Decide;
        }

        _awaited = Awaited.Acknowledgement;
        return new SaslStep(SaslOutcome.Challenge, [.. "v="u8, .. StrictBase64.Encode(Verifier.SignatureOf(authMessage))]);
    }
}
