using Akka.Actor;
using Relay.Spool;

namespace Relay.Node.Admin;

/// <summary>Answers a <see cref="RefusedRequestException"/>, and trouble of the node itself, with a problem document.</summary>
internal sealed class Refusals : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (RefusedRequestException refused)
        {
            return AdminApi.Problem(refused.Status, refused.Message, refused.Detail);
        }
        catch (Exception trouble) when (trouble is AskTimeoutException or SpoolException)
        {
            return AdminApi.Problem(
                StatusCodes.Status503ServiceUnavailable,
                "The queue gave no answer",
                "A change that was asked for may have been made, and is not known to be on the disk: see /health/ready and the log.");
        }
    }
}
