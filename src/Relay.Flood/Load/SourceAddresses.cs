using System.Net;

namespace Relay.Flood.Load;

/// <summary>The loopback addresses that senders come from, so that one machine is many clients.</summary>
/// <remarks>
/// Legitimate senders have a network (/24) each, as unrelated senders do. Attackers lie 100 to a network. Both are far from 127.0.0.x, where
/// nodes listen.
/// </remarks>
public static class SourceAddresses
{
    /// <summary>Most legitimate senders.</summary>
    public const int LegitimateMax = 10_000;

    /// <summary>Most attackers.</summary>
    public const int AttackersMax = 100_000;

    /// <summary>Attackers in one /24.</summary>
    public const int AttackersPerNetwork = 100;

    /// <summary>The address of a legitimate sender, 127.10.0.1 on.</summary>
    public static IPAddress OfLegitimate(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, LegitimateMax);
        return new IPAddress([127, (byte)(10 + (index / 250)), (byte)(index % 250), 1]);
    }

    /// <summary>The address of an attacker, 127.100.0.1 on.</summary>
    public static IPAddress OfAttacker(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, AttackersMax);
        var network = index / AttackersPerNetwork;
        return new IPAddress([127, (byte)(100 + (network / 250)), (byte)(network % 250), (byte)(1 + (index % AttackersPerNetwork))]);
    }
}
