using System.Net;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Relay.Actors.Calls;
using Relay.Node.CommandLine;

namespace Relay.Node.Admin.EveryNode;

/// <summary>Has a request answered by this node's own API, as any client would: what other nodes ask goes the same way as what an operator asks.</summary>
internal sealed class OwnApi : IDisposable
{
    private const string ApiPath = "/api/";

    private readonly IServer _server;
    private readonly HttpClient _http;

    public OwnApi(IServer server, BearerToken token)
    {
        _server = server;
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false })
        {
            Timeout = EveryNodeCall.AnswerTimeMax,
            MaxResponseContentBufferSize = AdminClient.AnswerBytesMax,
        };
        _http.DefaultRequestHeaders.Authorization = AuthenticationHeaderValue.Parse(token.Header);
    }

    /// <inheritdoc cref="AnswerCall"/>
    public async Task<NodeAnswer> AnswerAsync(string method, string path, ReadOnlyMemory<byte> body)
    {
        if (!path.StartsWith(ApiPath, StringComparison.Ordinal))
        {
            return new NodeAnswer(StatusCodes.Status404NotFound, default);
        }

        using var request = new HttpRequestMessage(HttpMethod.Parse(method), new Uri(Address(), path));
        if (!body.IsEmpty)
        {
            request.Content = new ReadOnlyMemoryContent(body);
        }

        using var answer = await _http.SendAsync(request).ConfigureAwait(false);
        return new NodeAnswer((int)answer.StatusCode, await answer.Content.ReadAsByteArrayAsync().ConfigureAwait(false));
    }

    public void Dispose() => _http.Dispose();

    // The last one that was bound; "any address" is where it listens, not where it can be reached.
    private Uri Address()
    {
        var bound = new Uri(_server.Features.Get<IServerAddressesFeature>()!.Addresses.Last());
        var host = IPAddress.Parse(bound.Host.Trim('[', ']'));
        return host.Equals(IPAddress.Any) ? new UriBuilder(bound) { Host = IPAddress.Loopback.ToString() }.Uri
            : host.Equals(IPAddress.IPv6Any) ? new UriBuilder(bound) { Host = $"[{IPAddress.IPv6Loopback}]" }.Uri
            : bound;
    }
}
