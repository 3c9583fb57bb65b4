using Relay.Messages.Cluster.Proto;
using Relay.Messages.Wire;

namespace Relay.Messages.Cluster;

/// <summary>The wire forms of this folder's messages.</summary>
internal static class ClusterWire
{
    /// <summary>All of them.</summary>
    public static readonly WireType[] Types =
    [
        WireType.For<NodeReport, WireNodeReport>("nr", Write, WireNodeReport.Parser, Read),
    ];

    private static WireNodeReport Write(NodeReport report)
    {
        var form = new WireNodeReport
        {
            Name = report.Name,
            Node = Write(report.Node),
            ReachableMembers = report.ReachableMembers,
            PolicyVersion = report.PolicyVersion,
            QueueMessages = report.QueueMessages,
            PressureLevel = report.PressureLevel,
            Shards = report.Shards,
        };
        form.Members.AddRange(report.Members.Select(Write));
        return form;
    }

    private static NodeReport Read(WireNodeReport form)
    {
        if (form.Members.Count > NodeReport.MembersMax || form.Name.Length > NodeReport.NameCharactersMax)
        {
            throw new FormatException("a report of a node with too long a name or too many members");
        }

        return new NodeReport(
            form.Name,
            Read(form.Node),
            [.. form.Members.Select(Read)],
            form.ReachableMembers,
            form.PolicyVersion,
            form.QueueMessages,
            form.PressureLevel,
            form.Shards);
    }

    private static WireMember Write(MemberId member) => new() { Address = member.Address, Uid = member.Uid };

    private static MemberId Read(WireMember? form) => form is { Address.Length: > 0 and <= MemberId.AddressCharactersMax }
        ? new MemberId(form.Address, form.Uid)
        : throw new FormatException("a member without an address, or with too long a one");
}
