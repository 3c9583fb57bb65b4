using Relay.Messages.Greylisting.Proto;
using Relay.Messages.Wire;
using Relay.Policy.Greylisting;

namespace Relay.Messages.Greylisting;

/// <summary>The wire forms of this folder's messages.</summary>
internal static class GreylistWire
{
    private const int NetworkMax = 64;

    private static readonly TimeSpan TimeMax = TimeSpan.FromDays(36_500);

    /// <summary>All of them.</summary>
    public static readonly WireType[] Types =
    [
        WireType.For<GreylistMessages.TripletCame, WireTripletCame>("gc", Write, WireTripletCame.Parser, Read),
        WireType.For<GreylistMessages.TripletJudged, WireTripletJudged>("gj", Write, WireTripletJudged.Parser, Read),
    ];

    private static WireTripletCame Write(GreylistMessages.TripletCame came) => new()
    {
        Number = came.Number,
        Network = came.Triplet.Network,
        Client = came.Triplet.Client,
        IdHigh = (ulong)(came.Triplet.Id >> 64),
        IdLow = (ulong)came.Triplet.Id,
        DelayTicks = came.Delay.Ticks,
        RetryWindowTicks = came.RetryWindow.Ticks,
        RememberTicks = came.Remember.Ticks,
    };

    private static GreylistMessages.TripletCame Read(WireTripletCame form) => form.Network.Length is > 0 and <= NetworkMax
        ? new GreylistMessages.TripletCame(
            form.Number,
            new Triplet(form.Network, form.Client, new UInt128(form.IdHigh, form.IdLow)),
            Time(form.DelayTicks),
            Time(form.RetryWindowTicks),
            Time(form.RememberTicks))
        : throw new FormatException("no network");

    private static WireTripletJudged Write(GreylistMessages.TripletJudged judged) =>
        new() { Number = judged.Number, LeftTicks = judged.Finding.Left.Ticks, IsFirst = judged.Finding.IsFirst };

    private static GreylistMessages.TripletJudged Read(WireTripletJudged form) =>
        new(form.Number, new GreylistFinding(form.LeftTicks == 0 ? TimeSpan.Zero : Time(form.LeftTicks), form.IsFirst));

    // What is added to a clock must not go beyond it.
    private static TimeSpan Time(long ticks) =>
        ticks > 0 && ticks <= TimeMax.Ticks ? new TimeSpan(ticks) : throw new FormatException("no time");
}
