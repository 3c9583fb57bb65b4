namespace Relay.Node.Admin.EveryNode;

/// <summary>Answers a request for every node instead of for this one alone, where the resource says how (<see cref="IMerge"/>).</summary>
internal sealed class EveryNodeFilter : IEndpointFilter
{
    private const string NodeKey = "node";
    private const string Self = "self";

    // A request that one node finds wrong, all do.
    private static readonly int[] Wrong =
        [StatusCodes.Status400BadRequest, StatusCodes.Status405MethodNotAllowed, StatusCodes.Status413PayloadTooLarge, StatusCodes.Status415UnsupportedMediaType];

    private readonly EveryNodeCall _nodes;

    public EveryNodeFilter(EveryNodeCall nodes) => _nodes = nodes;

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var request = context.HttpContext.Request;
        if (context.HttpContext.GetEndpoint()?.Metadata.GetMetadata<IMerge>() is not { } merge)
        {
            return await next(context);
        }

        if (request.Query.TryGetValue(NodeKey, out var node))
        {
            return node == Self
                ? await next(context)
                : AdminApi.BadQuery("node is not one", $"It can be \"{Self}\", for this node alone; without it all nodes are meant.");
        }

        var cancellation = context.HttpContext.RequestAborted;
        if (await ReadAsync(request, cancellation) is not { } body)
        {
            return AdminApi.Problem(StatusCodes.Status413PayloadTooLarge, "The body is too large", $"At most {JsonBody.OctetsMax} octets.");
        }

        var method = HttpMethods.IsHead(request.Method) ? HttpMethods.Get : request.Method;
        var all = await _nodes.AskAsync(method, merge.PathFor(request), body, cancellation);
        var done = all.Where(static result => result.IsDone).ToArray();
        return all.FirstOrDefault(static result => Wrong.Contains(result.Status)) is { } wrong ? new Passed(wrong)
            : done.Length > 0 ? merge.Merge(request, done, all)
            : Refuse(all);
    }

    // No node has done it: their refusal, unless one that was not heard might have.
    private static IResult Refuse(IReadOnlyList<NodeResult> all)
    {
        var unheard = string.Join("; ", all.Where(static result => result.Status == 0).Select(static result => $"{result.Node} {result.Problem}"));
        return all.FirstOrDefault(static result => result.Status > 0) switch
        {
            null => AdminApi.Problem(StatusCodes.Status503ServiceUnavailable, "No node answered", unheard),
            { } refused when unheard.Length == 0 => new Passed(refused),
            { } refused => AdminApi.Problem(refused.Status, refused.Outcome.Problem ?? "", unheard),
        };
    }

    private static async Task<byte[]?> ReadAsync(HttpRequest request, CancellationToken cancellation)
    {
        using var octets = new MemoryStream();
        var buffer = new byte[8192];
        int read;
        while ((read = await request.Body.ReadAsync(buffer, cancellation)) > 0)
        {
            octets.Write(buffer, 0, read);
            if (octets.Length > JsonBody.OctetsMax)
            {
                return null;
            }
        }

        return octets.ToArray();
    }

    /// <summary>A refusal as the node gave it.</summary>
    private sealed class Passed : IResult
    {
        private readonly NodeResult _result;

        public Passed(NodeResult result) => _result = result;

        public async Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = _result.Status;
            httpContext.Response.ContentType = "application/problem+json";
            await httpContext.Response.Body.WriteAsync(_result.Body, httpContext.RequestAborted);
        }
    }
}
