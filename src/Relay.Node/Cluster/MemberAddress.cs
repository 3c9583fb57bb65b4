namespace Relay.Node.Cluster;

/// <summary>Addresses of members as people write them: without Akka's protocol and the name of its system.</summary>
internal static class MemberAddress
{
    /// <summary><c>10.0.0.11:4053</c> of <c>akka.tcp://relay@10.0.0.11:4053</c>; any other text as it is.</summary>
    public static string Of(string address) => address[(address.LastIndexOf('@') + 1)..];
}
