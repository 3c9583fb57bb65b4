namespace Relay.Messages.Cluster;

/// <summary>One life of a node: started again, it has the same address and another number.</summary>
/// <param name="Address">As Akka writes it: <c>akka.tcp://relay@10.0.0.11:4053</c>.</param>
/// <param name="Uid">The number of this life.</param>
public sealed record MemberId(string Address, int Uid)
{
    /// <summary>Longest address, in characters.</summary>
    public const int AddressCharactersMax = 128;
}
