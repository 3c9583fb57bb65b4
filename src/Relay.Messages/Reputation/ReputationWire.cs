using Relay.Messages.Reputation.Proto;
using Relay.Messages.Wire;

namespace Relay.Messages.Reputation;

/// <summary>The wire forms of this folder's messages.</summary>
internal static class ReputationWire
{
    /// <summary>All of them.</summary>
    public static readonly WireType[] Types =
    [
        WireType.For<ReputationMessages.RefusalsTold, WireRefusalsTold>("rt", Write, WireRefusalsTold.Parser, Read),
    ];

    private static WireRefusalsTold Write(ReputationMessages.RefusalsTold told)
    {
        var form = new WireRefusalsTold();
        form.Refusals.AddRange(told.Refusals.Select(static refusals => new WireRefusals
        {
            Client = refusals.Client,
            IsIpv6 = refusals.IsIPv6,
            Weight = refusals.Weight,
            Last = refusals.Last,
            LeftTicks = refusals.Left.Ticks,
        }));
        return form;
    }

    private static ReputationMessages.RefusalsTold Read(WireRefusalsTold form) => form.Refusals.Count <= ReputationMessages.ClientsMax
        ? new ReputationMessages.RefusalsTold([.. form.Refusals.Select(static refusals => refusals is { Weight: >= 0, LeftTicks: >= 0 }
            ? new ToldRefusals(refusals.Client, refusals.IsIpv6, refusals.Weight, refusals.Last, new TimeSpan(refusals.LeftTicks))
            : throw new FormatException("fewer refusals than none, or a penalty that is over"))])
        : throw new FormatException("refusals of too many clients");
}
