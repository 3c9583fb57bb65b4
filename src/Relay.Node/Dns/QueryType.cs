namespace Relay.Node.Dns;

/// <summary>Types of records that are asked for, by their numbers on the wire (RFC 1035 section 3.2.2, RFC 3596).</summary>
internal enum QueryType
{
    /// <summary>IPv4 addresses of a name.</summary>
    A = 1,

    /// <summary>Host names of an address, by its reverse name.</summary>
    PTR = 12,

    /// <summary>Mail exchangers of a domain.</summary>
    MX = 15,

    /// <summary>IPv6 addresses of a name.</summary>
    AAAA = 28,
}
