using System.Buffers;
using System.Buffers.Binary;

namespace Relay.Node.Encryption;

/// <summary>What a look at a client's first words finds.</summary>
internal enum HelloFinding
{
    /// <summary>Not whole yet.</summary>
    Incomplete,

    /// <summary>To be answered.</summary>
    Sound,

    /// <summary>No hello of TLS 1.2 or 1.3, or one in pieces.</summary>
    NotTls,

    /// <summary>It wants a key exchange over a finite field, where one handshake takes a quarter of a second of a core.</summary>
    FiniteField,
}

/// <summary>Looks at a client's hello before OpenSSL does (RFC 8446 section 4.1.2): .NET has no setting for the groups of the key exchange.</summary>
/// <remarks>
/// Refuses what makes us compute over a finite field (FFDHE, RFC 7919): a key share in such a group, or no elliptic group that we would choose
/// instead. No client that is in use asks for that. What it does not understand it refuses, so that there is no second reading.
/// </remarks>
internal static class ClientHello
{
    /// <summary>The most octets that are looked at: one whole record (RFC 8446 section 5.1).</summary>
    public const int OctetsMax = HeaderOctets + (16 * 1024);

    private const int HeaderOctets = 5;
    private const byte HandshakeRecord = 22;
    private const byte HelloMessage = 1;
    private const int SupportedGroups = 10;
    private const int KeyShare = 51;

    /// <summary>Looks at what has come of a connection.</summary>
    /// <param name="input">All of it so far.</param>
    public static HelloFinding Look(in ReadOnlySequence<byte> input)
    {
        Span<byte> header = stackalloc byte[HeaderOctets];
        var start = input.Slice(0, Math.Min(input.Length, HeaderOctets));
        start.CopyTo(header);
        if ((start.Length > 0 && header[0] != HandshakeRecord) || (start.Length > 1 && header[1] != 3))
        {
            return HelloFinding.NotTls;
        }

        if (start.Length < HeaderOctets)
        {
            return HelloFinding.Incomplete;
        }

        var length = BinaryPrimitives.ReadUInt16BigEndian(header[3..]);
        if (HeaderOctets + length > OctetsMax)
        {
            return HelloFinding.NotTls;
        }

        if (input.Length < HeaderOctets + length)
        {
            return HelloFinding.Incomplete;
        }

        var record = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            input.Slice(HeaderOctets, length).CopyTo(record);
            return Judge(record.AsSpan(0, length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(record);
        }
    }

    private static HelloFinding Judge(ReadOnlySpan<byte> record)
    {
        var message = new Reader(record);
        if (message.Number(1) != HelloMessage || message.Number(3) != message.Left)
        {
            return HelloFinding.NotTls;
        }

        message.Skip(2 + 32); // version and random
        message.Vector(1); // session
        message.Vector(2); // suites
        message.Vector(1); // compression
        var extensions = new Reader(message.Left > 0 ? message.Vector(2) : default);
        var isSound = true;
        while (!message.IsBroken && !extensions.IsBroken && extensions.Left > 0)
        {
            var type = extensions.Number(2);
            var body = new Reader(extensions.Vector(2));
            isSound &= type switch
            {
                SupportedGroups => HasEllipticGroup(ref body),
                KeyShare => HasNoFiniteShare(ref body),
                _ => true,
            };
            if (body.IsBroken)
            {
                return HelloFinding.NotTls;
            }
        }

        return message.IsBroken || extensions.IsBroken || message.Left > 0 ? HelloFinding.NotTls
            : isSound ? HelloFinding.Sound
            : HelloFinding.FiniteField;
    }

    private static bool HasEllipticGroup(ref Reader body)
    {
        var groups = new Reader(body.Vector(2));
        var isFound = false;
        while (!groups.IsBroken && groups.Left > 0)
        {
            isFound |= groups.Number(2) is 23 or 24 or 25 or 29 or 30; // P-256, P-384, P-521, X25519, X448
        }

        return isFound;
    }

    private static bool HasNoFiniteShare(ref Reader body)
    {
        var shares = new Reader(body.Vector(2));
        var isFound = false;
        while (!shares.IsBroken && shares.Left > 0)
        {
            isFound |= shares.Number(2) is >= 0x0100 and <= 0x01FF; // FFDHE (RFC 7919 section 2)
            shares.Vector(2);
        }

        return !isFound && !shares.IsBroken;
    }

    /// <summary>Takes numbers and vectors from the front. What is not there breaks it, and is 0 or empty.</summary>
    private ref struct Reader
    {
        private ReadOnlySpan<byte> _rest;

        public Reader(ReadOnlySpan<byte> octets)
        {
            _rest = octets;
        }

        public bool IsBroken { get; private set; }

        public readonly int Left => _rest.Length;

        public int Number(int octets)
        {
            var number = 0;
            foreach (var octet in Skip(octets))
            {
                number = (number << 8) | octet;
            }

            return number;
        }

        public ReadOnlySpan<byte> Vector(int lengthOctets) => Skip(Number(lengthOctets));

        public ReadOnlySpan<byte> Skip(int octets)
        {
            if (octets > _rest.Length)
            {
                IsBroken = true;
                _rest = default;
                return default;
            }

            var taken = _rest[..octets];
            _rest = _rest[octets..];
            return taken;
        }
    }
}
