using System.Net;
using Relay.Node.Settings;

namespace Relay.Node.Dns;

/// <summary>The name servers of a node, which follow names to their end: asked in turn until one answers. Thread-safe.</summary>
internal sealed class NameServers
{
    private readonly DnsExchange[] _servers;
    private readonly TimeSpan _serverTime;
    private readonly int _repetitionsMax;
    private readonly TimeProvider _time;
    private readonly DnsTroubleLog? _troubles;
    private int _answeredLast;

    /// <param name="servers">Where they listen, one at least.</param>
    /// <param name="serverTime">One of them is waited for this long before the next is asked.</param>
    /// <param name="repetitionsMax">Times that those which said nothing are asked again.</param>
    /// <param name="time">The clock.</param>
    /// <param name="troubles">Told of servers that fail where another one answers; null: nobody is.</param>
    public NameServers(IEnumerable<IPEndPoint> servers, TimeSpan serverTime, int repetitionsMax, TimeProvider time, DnsTroubleLog? troubles = null)
    {
        _troubles = troubles;
        _servers = [.. servers.Select(server => new DnsExchange(server, serverTime, time))];
        _serverTime = serverTime;
        _repetitionsMax = repetitionsMax;
        _time = time;
    }

    /// <summary>The name servers of the settings, else those of the system.</summary>
    public static NameServers Of(DnsSection dns, TimeSpan serverTime, int repetitionsMax, TimeProvider time, DnsTroubleLog? troubles = null) =>
        new(dns.Servers.Count > 0 ? dns.Servers : SystemResolvers.Read(), serverTime, repetitionsMax, time, troubles);

    /// <summary>Asks the server that answered last, and then the others; those that said nothing are asked again.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task<ServerReply> AskAsync(string name, QueryType type, CancellationToken cancellation)
    {
        var first = Volatile.Read(ref _answeredLast);
        var order = Enumerable.Range(0, _servers.Length).Select(i => (first + i) % _servers.Length).ToList();
        var failed = new Dictionary<int, string?>(_servers.Length);
        var reply = ServerReply.None;
        for (var repetitions = 0; ; repetitions++)
        {
            var since = _time.GetTimestamp();
            foreach (var server in order.ToArray())
            {
                var said = await _servers[server].AskAsync(name, type, cancellation).ConfigureAwait(false);
                if (said.Message is not null)
                {
                    Volatile.Write(ref _answeredLast, server);
                    failed.Remove(server);
                    foreach (var (other, cause) in failed)
                    {
                        _troubles?.AddServer(_servers[other].Server, cause ?? ServerReply.Silence);
                    }

                    return said;
                }

                failed.TryAdd(server, said.Cause);

                if (!said.MayAnswerLater)
                {
                    order.Remove(server);
                }

                // Of several causes the first that is more than silence.
                reply = reply == ServerReply.None ? said : reply;
            }

            if (order.Count == 0 || repetitions == _repetitionsMax)
            {
                return reply;
            }

            // Servers that are being started again say so at once: three questions in a millisecond would not help.
            if (_serverTime - _time.GetElapsedTime(since) is var left && left > TimeSpan.Zero)
            {
                await Task.Delay(left, _time, cancellation).ConfigureAwait(false);
            }
        }
    }
}
