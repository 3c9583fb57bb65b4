using Relay.Smtp.Client;

namespace Relay.Actors.Deliveries;

/// <summary>How long a next hop may take at each stage (RFC 5321 section 4.5.3.2).</summary>
public sealed record DeliveryTimeouts
{
    /// <summary>To open the connection. Default 30 seconds, as Postfix.</summary>
    public TimeSpan Connect { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>For the TLS handshake. Default 1 minute: it is a few small messages.</summary>
    public TimeSpan Handshake { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>To greet, and to answer EHLO, STARTTLS, AUTH, MAIL and RCPT. Default 5 minutes.</summary>
    public TimeSpan Command { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>To greet while half or more of the node's <see cref="OutboundSlots"/> are taken. Default 30 seconds: silent hosts must not hold
    /// all of them for minutes.</summary>
    public TimeSpan GreetingWhenScarce { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>To answer DATA. Default 2 minutes.</summary>
    public TimeSpan Data { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>To take a block of the body. Default 3 minutes.</summary>
    public TimeSpan Block { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>To answer the final dot. Default 10 minutes.</summary>
    public TimeSpan EndOfData { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>To answer QUIT. Default 5 seconds: nothing depends on it.</summary>
    public TimeSpan Quit { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The limit for a read at this stage.</summary>
    /// <param name="stage">What is awaited.</param>
    /// <param name="isScarce">Others may be waiting for the connection's place.</param>
    public TimeSpan ForRead(ClientStage stage, bool isScarce) => stage switch
    {
        ClientStage.Greeting when isScarce => GreetingWhenScarce,
        ClientStage.Data => Data,
        ClientStage.Body or ClientStage.EndOfData => EndOfData,
        ClientStage.Quit => Quit,
        _ => Command,
    };
}
