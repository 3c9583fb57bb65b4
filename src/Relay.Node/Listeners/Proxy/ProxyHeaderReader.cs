namespace Relay.Node.Listeners.Proxy;

/// <summary>Reads the PROXY protocol header that a balancer puts before a conversation. Bytes in, a value out.</summary>
internal static class ProxyHeaderReader
{
    /// <summary>Longest header, in octets. Version 2 could name 64 KiB; what balancers add to the addresses is some hundred.</summary>
    public const int OctetsMax = 4096;

    /// <summary>Reads what a connection begins with.</summary>
    /// <param name="start">All octets that have come, or the first <see cref="OctetsMax"/> of them.</param>
    /// <param name="header">The header when it is complete.</param>
    public static ProxyHeaderState Read(ReadOnlySpan<byte> start, out ProxyHeader header)
    {
        if (MayBegin(start, ProxyHeaderV1.Signature))
        {
            return ProxyHeaderV1.Read(start, out header);
        }

        if (MayBegin(start, ProxyHeaderV2.Signature))
        {
            return ProxyHeaderV2.Read(start, out header);
        }

        header = default;
        return ProxyHeaderState.Missing;
    }

    private static bool MayBegin(ReadOnlySpan<byte> start, ReadOnlySpan<byte> signature) =>
        start.Length < signature.Length ? signature.StartsWith(start) : start.StartsWith(signature);
}
