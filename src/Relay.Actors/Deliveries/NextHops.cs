using System.Collections.Immutable;
using System.IO.Pipelines;
using System.Net;
using System.Security.Authentication;
using Relay.Messages.Destinations;
using Relay.Smtp.Client;

namespace Relay.Actors.Deliveries;

/// <summary>One address to try for a destination.</summary>
/// <param name="Host">The host's name, for logs and its certificate.</param>
/// <param name="EndPoint">Its address and port.</param>
public sealed record NextHop(string Host, IPEndPoint EndPoint)
{
    /// <summary>Host and address as the log shows them.</summary>
    public override string ToString() => $"{Host}[{EndPoint.Address}]:{EndPoint.Port}";
}

/// <summary>Where a destination is to be found: addresses in the order to try them, or the outcome for its recipients.</summary>
public sealed record NextHopResolution
{
    private NextHopResolution(ImmutableArray<NextHop> hops, RecipientOutcome? failure)
    {
        Hops = hops;
        Failure = failure;
    }

    /// <summary>At least one address, unless there is a <see cref="Failure"/>.</summary>
    public ImmutableArray<NextHop> Hops { get; }

    /// <summary>Why there is no address: Deferred for trouble that may pass, Bounced for a domain that takes no mail.</summary>
    public RecipientOutcome? Failure { get; }

    /// <summary>Addresses were found.</summary>
    public static NextHopResolution Found(ImmutableArray<NextHop> hops) => new(hops, null);

    /// <summary>None was found.</summary>
    public static NextHopResolution Failed(RecipientOutcome failure) => new([], failure);
}

/// <summary>Finds the next hops of a destination.</summary>
public interface INextHopResolver
{
    /// <summary>The addresses to try, in order. DNS trouble is an outcome, never an exception.</summary>
    /// <param name="destination">What to find.</param>
    /// <param name="flows">Whose mail waits for it (<see cref="DeliveryItem.Flow"/>): where look-ups take turns, any of theirs is its turn. Not empty.</param>
    /// <param name="cancellation">Ends the look-up.</param>
    Task<NextHopResolution> ResolveAsync(DestinationKey destination, IReadOnlyCollection<string> flows, CancellationToken cancellation);
}

/// <summary>Opens connections to next hops.</summary>
public interface IOutboundConnector
{
    /// <summary>Opens a connection.</summary>
    /// <exception cref="IOException">It could not be opened.</exception>
    /// <exception cref="System.Net.Sockets.SocketException">It could not be opened.</exception>
    Task<IOutboundLink> ConnectAsync(NextHop hop, CancellationToken cancellation);
}

/// <summary>An open connection to a next hop; disposed it is closed at once.</summary>
public interface IOutboundLink : IAsyncDisposable
{
    /// <summary>What the peer says; another one behind a handshake.</summary>
    PipeReader Input { get; }

    /// <summary>What we say; another one behind a handshake.</summary>
    PipeWriter Output { get; }

    /// <summary>Octets of the peer are there and have not been read; under TLS it may be that none of them is for <see cref="Input"/>.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">The connection is broken.</exception>
    bool HasArrived { get; }

    /// <summary>Does the TLS handshake as its client (TLS 1.2 or 1.3). Nothing may be waiting in <see cref="Input"/> or <see cref="Output"/>.</summary>
    /// <param name="hop">Who the peer should be; its host is what we name to it, and what its certificate should name.</param>
    /// <param name="mustVerify">A certificate that is not valid ends the handshake.</param>
    /// <param name="cancellation">Ends the wait; the connection is of no use then.</param>
    /// <exception cref="AuthenticationException">The handshake failed.</exception>
    /// <exception cref="IOException">The connection broke.</exception>
    Task<TlsFacts> StartTlsAsync(NextHop hop, bool mustVerify, CancellationToken cancellation);
}

/// <summary>What a handshake came to.</summary>
/// <param name="Protocol">Version and cipher suite: <c>TLS 1.3 TLS_AES_256_GCM_SHA384</c>.</param>
/// <param name="IsVerified">The system's roots vouch for the certificate, and it names the host.</param>
public sealed record TlsFacts(string Protocol, bool IsVerified)
{
    /// <summary>As the log shows it.</summary>
    public override string ToString() => $"{Protocol} {(IsVerified ? "verified" : "unverified")}";
}
