using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using Relay.Node.CommandLine.Api;
using Relay.Node.Settings;

namespace Relay.Node.CommandLine;

/// <summary>Asks the API of one node.</summary>
internal sealed class AdminClient : IDisposable
{
    /// <summary>Largest answer taken, in bytes.</summary>
    public const int AnswerBytesMax = 256 << 20;

    private readonly HttpClient _http;
    private readonly AdminToken _token;
    private readonly string _server;

    public AdminClient(Uri server, AdminToken token, TimeSpan answerTimeMax)
    {
        _server = server.GetLeftPart(UriPartial.Path).TrimEnd('/');
        _token = token;

        // No proxy and no redirect: the token goes to the node that was named, and to nobody else.
        var handler = new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false };
        _http = new HttpClient(handler) { Timeout = answerTimeMax, MaxResponseContentBufferSize = AnswerBytesMax };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token.Value);
    }

    /// <summary>The JSON of a successful GET.</summary>
    /// <param name="path">Below the server, such as <c>/api/queue</c>.</param>
    /// <param name="query">Names and values of the query; those without a value are left out.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <exception cref="CommandException">The node cannot be reached, refuses, or answers with something else.</exception>
    public async Task<JsonElement> GetAsync(
        string path, IReadOnlyList<(string Name, string? Value)> query, CancellationToken cancellationToken)
    {
        var present = query.Where(pair => pair.Value is not null).Select(pair => $"{pair.Name}={Uri.EscapeDataString(pair.Value!)}");
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"{_server}{path}?{string.Join('&', present)}".TrimEnd('?')));
        return await SendAsync(request, cancellationToken);
    }

    /// <summary>The JSON of a successful POST.</summary>
    /// <param name="path">Below the server.</param>
    /// <param name="body">The object to send; members without a value are left out.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <exception cref="CommandException">The node cannot be reached, refuses, or answers with something else.</exception>
    public async Task<JsonElement> PostAsync(string path, IReadOnlyDictionary<string, object?> body, CancellationToken cancellationToken)
    {
        var present = body.Where(pair => pair.Value is not null).ToDictionary(StringComparer.Ordinal);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"{_server}{path}")) { Content = JsonContent.Create(present) };
        return await SendAsync(request, cancellationToken);
    }

    /// <summary>The JSON of a successful PUT.</summary>
    /// <inheritdoc cref="PostAsync"/>
    public async Task<JsonElement> PutAsync(string path, IReadOnlyDictionary<string, object?> body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, new Uri($"{_server}{path}")) { Content = JsonContent.Create(body) };
        return await SendAsync(request, cancellationToken);
    }

    /// <summary>The JSON of a successful DELETE.</summary>
    /// <inheritdoc cref="PostAsync"/>
    public async Task<JsonElement> DeleteAsync(string path, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, new Uri($"{_server}{path}"));
        return await SendAsync(request, cancellationToken);
    }

    /// <summary>An answer as the type it should be.</summary>
    /// <exception cref="CommandException">It is something else.</exception>
    public T Read<T>(JsonElement answer)
    {
        try
        {
            return answer.Deserialize<T>(JsonText.Options) ?? throw Unexpected("null");
        }
        catch (JsonException other)
        {
            throw Unexpected(ShownText.Clean(other.Message));
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<JsonElement> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        Parse((await ExchangeAsync(request, [], cancellationToken)).Body);

    /// <summary>Sends a request of any form.</summary>
    /// <param name="request">The request; a relative path is one below the server.</param>
    /// <param name="expected">Statuses, besides those of success, that the caller reads itself.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <exception cref="CommandException">The node cannot be reached, or refuses.</exception>
    public async Task<AdminAnswer> ExchangeAsync(
        HttpRequestMessage request, IReadOnlyCollection<HttpStatusCode> expected, CancellationToken cancellationToken)
    {
        if (request.RequestUri is { IsAbsoluteUri: false } path)
        {
            request.RequestUri = new Uri(_server + path.OriginalString);
        }

        try
        {
            using var answer = await _http.SendAsync(request, cancellationToken);
            var body = await answer.Content.ReadAsByteArrayAsync(cancellationToken);
            if (answer.IsSuccessStatusCode || expected.Contains(answer.StatusCode))
            {
                return new AdminAnswer(answer.StatusCode, answer.Headers.ETag?.Tag, body);
            }

            // What the node cannot read stood on the command line.
            throw new CommandException(Refusal(answer, body), answer.StatusCode == HttpStatusCode.BadRequest ? ExitCodes.Usage : ExitCodes.Failed);
        }
        catch (HttpRequestException unreachable)
        {
            throw new CommandException($"cannot reach {_server}: {Reason(unreachable)}");
        }
        catch (TaskCanceledException late) when (!cancellationToken.IsCancellationRequested && late.InnerException is TimeoutException)
        {
            throw new CommandException($"{_server} did not answer within {SettingText.Of(_http.Timeout)}");
        }
    }

    /// <summary>The JSON of an answer.</summary>
    /// <exception cref="CommandException">It is none.</exception>
    public JsonElement Parse(byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.Clone();
        }
        catch (JsonException broken)
        {
            throw Unexpected(ShownText.Clean(broken.Message));
        }
    }

    /// <summary>The failure of whoever got something else than a node answers.</summary>
    public CommandException Unexpected(string problem) => new($"{_server} answered something unexpected: is it a relay node? ({problem})");

    /// <summary>What a refusal says (RFC 9457), else its status.</summary>
    private string Refusal(HttpResponseMessage answer, byte[] body)
    {
        var status = $"{(int)answer.StatusCode} {ShownText.Clean(answer.ReasonPhrase ?? "")}".TrimEnd();
        var told = ReadProblem(answer, body) switch
        {
            { Title: { } title, Detail: { } detail } => $"{title}: {detail}",
            { Title: { } title } => title,
            { Detail: { } detail } => detail,
            _ => $"{_server} answered {status}",
        };
        return answer.StatusCode == HttpStatusCode.Unauthorized
            ? $"{ShownText.Clean(told)} (the token in {_token.File} is not this node's: name its file with --token-file)"
            : ShownText.Clean(told);
    }

    private static ProblemAnswer? ReadProblem(HttpResponseMessage answer, byte[] body)
    {
        if (answer.Content.Headers.ContentType?.MediaType != "application/problem+json")
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<ProblemAnswer>(body, JsonText.Options);
        }
        catch (JsonException)
        {
            // A broken explanation: the status is all there is to tell.
            return null;
        }
    }

    private static string Reason(HttpRequestException unreachable) => unreachable.InnerException is SocketException socket
        ? socket.SocketErrorCode switch
        {
            SocketError.ConnectionRefused => "connection refused: is the node running, and is this its admin address?",
            SocketError.HostNotFound => "no such host",
            _ => ShownText.Clean(socket.Message),
        }
        : ShownText.Clean((unreachable.InnerException ?? unreachable).Message);
}

/// <summary>What a node answered.</summary>
/// <param name="Status">Its status.</param>
/// <param name="Tag">Its ETag, with the quotes; null without one.</param>
/// <param name="Body">Its octets.</param>
internal sealed record AdminAnswer(HttpStatusCode Status, string? Tag, byte[] Body);
