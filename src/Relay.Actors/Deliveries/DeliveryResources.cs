using Relay.Actors.Destinations;
using Relay.Actors.Policy;
using Relay.Actors.Queues;
using Relay.Smtp.Client;
using Relay.Spool;

namespace Relay.Actors.Deliveries;

/// <summary>What every delivery of a node works with.</summary>
/// <param name="Resolver">Finds next hops.</param>
/// <param name="Connector">Opens connections.</param>
/// <param name="Spool">Where the octets are.</param>
/// <param name="Policy">The policy in force.</param>
/// <param name="Dialogue">The protocol's options: our name and the caps on replies.</param>
/// <param name="Time">The clock.</param>
public sealed record DeliveryResources(
    INextHopResolver Resolver,
    IOutboundConnector Connector,
    SpoolStore Spool,
    PolicyAgent Policy,
    ClientDialogueOptions Dialogue,
    TimeProvider Time)
{
    /// <summary>Time limits of a conversation.</summary>
    public DeliveryTimeouts Timeouts { get; init; } = new();

    /// <summary>Bounds of a destination.</summary>
    public DestinationLimits DestinationLimits { get; init; } = new();

    /// <summary>The connections of all destinations together.</summary>
    public OutboundSlots Slots { get; init; } = new(OutboundSlots.DefaultMax);

    /// <summary>Remembers what is in flight, over the end of the process.</summary>
    public IFlightRecorder Flights { get; init; } = new NoFlightRecorder();

    /// <summary>Where destinations show what they do.</summary>
    public DestinationBoard Board { get; init; } = new();

    /// <summary>The passwords of smart hosts; none by default.</summary>
    public ISmartHostPasswords Passwords { get; init; } = new NoPasswords();

    /// <summary>Bounds of a connection.</summary>
    public DeliveryLimits DeliveryLimits { get; init; } = new();
}

/// <summary>The bounds of one outbound connection.</summary>
public sealed record DeliveryLimits
{
    /// <summary>A connection without work is closed after this. Default 2 seconds, as Postfix's connection cache.</summary>
    public TimeSpan IdleTime { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Messages carried before a connection is closed. Default 1,000.</summary>
    public int MessagesMax { get; init; } = 1_000;

    /// <summary>Recipients of one transaction; a message to more takes several. Default 100, which every server must take (RFC 5321 section 4.5.3.1.8).</summary>
    public int RecipientsMax { get; init; } = 100;

    /// <summary>Octets of a body read from the spool at once. Default 64 KiB.</summary>
    public int BlockBytes { get; init; } = 64 * 1024;
}
