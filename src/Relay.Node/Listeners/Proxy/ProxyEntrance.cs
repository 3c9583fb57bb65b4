using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using Relay.Node.Settings;

namespace Relay.Node.Listeners.Proxy;

/// <summary>The way in to a listener behind a balancer: learns from the PROXY header who the client is, and lets in nobody without one.</summary>
/// <remarks>Takes the header from the pipe and not one octet more: what a client sent along is the dialogue's, or the handshake's.</remarks>
internal sealed class ProxyEntrance
{
    /// <summary>Conversations at once in which a balancer speaks for itself; they are not counted as connections of clients.</summary>
    public const int UnknownMax = 100;

    private readonly ProxyProtocolSection _balancers;
    private readonly Func<IPAddress, bool> _isBalancer;
    private int _unknown;

    /// <param name="balancers">Who is let in.</param>
    /// <param name="isBalancer">Whether an address is a balancer's, of this listener or of another.</param>
    public ProxyEntrance(ProxyProtocolSection balancers, Func<IPAddress, bool> isBalancer) => (_balancers, _isBalancer) = (balancers, isBalancer);

    /// <summary>Reads the header.</summary>
    /// <param name="input">What the peer sends.</param>
    /// <param name="peer">Its address.</param>
    /// <param name="within">How long the header may take.</param>
    /// <param name="time">The clock.</param>
    /// <returns>Who the client is; or one of <see cref="ProxyRefusals"/>; or neither when a balancer only looked whether the port is open.</returns>
    public async ValueTask<(Arrival? Client, string? Refusal)> AdmitAsync(PipeReader input, IPAddress peer, TimeSpan within, TimeProvider time)
    {
        if (!_balancers.Trusts(peer))
        {
            return (null, ProxyRefusals.UntrustedPeer);
        }

        using var late = new CancellationTokenSource(within, time);
        try
        {
            while (true)
            {
                var result = await input.ReadAsync(late.Token).ConfigureAwait(false);
                var state = Read(result.Buffer, out var header);
                if (state == ProxyHeaderState.Complete)
                {
                    input.AdvanceTo(result.Buffer.GetPosition(header.Length));
                    return (ArrivalOf(header, peer), null);
                }

                var isNothing = result.Buffer.IsEmpty;
                input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
                if (state == ProxyHeaderState.Missing)
                {
                    return (null, ProxyRefusals.MissingHeader);
                }

                if (state == ProxyHeaderState.Malformed || result.IsCompleted)
                {
                    return (null, isNothing ? null : ProxyRefusals.MalformedHeader);
                }
            }
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested)
        {
            return (null, ProxyRefusals.LateHeader);
        }
        catch (IOException)
        {
            return (null, null); // the balancer has cut it: so its checks of an open port end
        }
    }

    /// <summary>Lets in a client that nobody knows.</summary>
    /// <returns>Null when it is in and <see cref="Leave"/> must follow; else why not.</returns>
    public string? Enter()
    {
        if (Interlocked.Increment(ref _unknown) <= UnknownMax)
        {
            return null;
        }

        Leave();
        return ProxyRefusals.UnknownClients;
    }

    /// <summary>One that was let in is gone.</summary>
    public void Leave() => Interlocked.Decrement(ref _unknown);

    private Arrival ArrivalOf(ProxyHeader header, IPAddress peer) => header.Client is { } client
        ? new Arrival(client, _isBalancer(client))
        : new Arrival(peer, IsBalancer: true, IsUnknown: true);

    private static ProxyHeaderState Read(ReadOnlySequence<byte> buffer, out ProxyHeader header)
    {
        if (buffer.IsSingleSegment)
        {
            return ProxyHeaderReader.Read(buffer.FirstSpan, out header);
        }

        // Rare: a header is one packet, unless somebody cuts it up.
        Span<byte> start = stackalloc byte[ProxyHeaderReader.OctetsMax];
        var length = (int)Math.Min(buffer.Length, start.Length);
        buffer.Slice(0, length).CopyTo(start);
        return ProxyHeaderReader.Read(start[..length], out header);
    }
}
