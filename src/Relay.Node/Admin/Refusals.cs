namespace Relay.Node.Admin;

/// <summary>Answers a <see cref="RefusedRequestException"/> with a problem document.</summary>
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
    }
}
