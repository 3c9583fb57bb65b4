using Relay.Node.Settings;
using Relay.Policy.Documents;

namespace Relay.Node.Admin;

/// <summary>Refuses a query key that a resource does not have, or that comes twice: one that is passed over answers another question than
/// was asked.</summary>
internal sealed class QueryKeys : IEndpointFilter
{
    private readonly string[] _valid;

    public QueryKeys(params string[] valid)
    {
        _valid = valid;
    }

    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        foreach (var (key, values) in context.HttpContext.Request.Query)
        {
            if (!_valid.Contains(key, StringComparer.OrdinalIgnoreCase))
            {
                var known = _valid.Length == 0 ? "there are none." : $"the keys are {string.Join(", ", _valid)}.";
                return ValueTask.FromResult<object?>(
                    AdminApi.BadQuery("The query has an unknown key", $"{ShownText.Quote(key)}: {NearestKey.Hint(key, _valid, known)}"));
            }

            if (values.Count > 1)
            {
                return ValueTask.FromResult<object?>(AdminApi.BadQuery("The query has a key twice", $"{key} may come once."));
            }
        }

        return next(context);
    }
}
