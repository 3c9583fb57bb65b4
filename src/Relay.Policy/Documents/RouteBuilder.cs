using System.Globalization;
using Relay.Policy.Decisions;
using Relay.Policy.Values;

namespace Relay.Policy.Documents;

/// <summary>Makes the routes of a document, and looks at what no single one shows: two that contradict each other, secrets in the clear.</summary>
internal sealed class RouteBuilder
{
    private static readonly string[] OfNextHops = ["auth", "connections", "rate"];

    private readonly TlsLevel _default;
    private readonly ErrorList _errors;
    private readonly List<Route> _routes = [];
    private readonly List<TlsRoute> _tlsRoutes = [];
    private readonly Dictionary<DomainPattern, int> _lines = [];
    private readonly Dictionary<RouteTarget, (Route Route, string Path, int Line)> _targets = [];

    private RouteBuilder(TlsLevel fallback, ErrorList errors)
    {
        _default = fallback;
        _errors = errors;
    }

    /// <summary>The routes with a next hop, and those without.</summary>
    /// <param name="list"><c>routes</c>, or null.</param>
    /// <param name="fallback"><c>delivery.tls</c>.</param>
    /// <param name="errors">Takes what is wrong.</param>
    public static (IReadOnlyList<Route> Routes, IReadOnlyList<TlsRoute> TlsRoutes) Build(JsonValue? list, TlsLevel fallback, ErrorList errors)
    {
        var builder = new RouteBuilder(fallback, errors);
        foreach (var (path, value) in DocumentBuilder.Items(list, "routes"))
        {
            builder.Add(path, value);
        }

        return (builder._routes, builder._tlsRoutes);
    }

    private void Add(string path, JsonValue value)
    {
        if (value["to"] is null && value["tls"] is null)
        {
            _errors.Add($"{path}.to", value.Line, "is missing: name a next hop, or with tls alone what the way by MX demands");
        }

        foreach (var key in OfNextHops)
        {
            if (value[key] is { } unnamed && value["to"] is null)
            {
                _errors.Add($"{path}.{key}", unnamed.Line, "needs a next hop: write to");
            }
        }

        if (value["domain"] is not { Parsed: DomainPattern pattern } domain)
        {
            return;
        }

        if (!_lines.TryAdd(pattern, domain.Line))
        {
            var message = string.Create(CultureInfo.InvariantCulture, $"{pattern} has a route already, on line {_lines[pattern]}");
            _errors.Add($"{path}.domain", domain.Line, message);
        }

        var tls = TlsLevels.Parse(value["tls"]?.Parsed as string);
        if (value["to"] is { } to)
        {
            if (to.Parsed is RouteTarget target)
            {
                AddTarget(path, value, to.Line, RouteOf(pattern, target, tls, value));
            }
        }
        else if (tls is { } demand)
        {
            _tlsRoutes.Add(new TlsRoute(pattern.ToString(), demand));
        }
    }

    private void AddTarget(string path, JsonValue value, int line, Route route)
    {
        _routes.Add(route);
        CheckAuth(path, value, route);
        if (!_targets.TryAdd(route.Target, (route, path, line)))
        {
            var (other, otherPath, otherLine) = _targets[route.Target];
            // One next hop is one destination: its connections cannot be of two kinds.
            CheckSame("tls", TlsOf(other) == TlsOf(route));
            CheckSame("auth", other.Auth == route.Auth);
            CheckSame("connections", other.Connections == route.Connections);
            CheckSame("rate", other.Rate == route.Rate);

            void CheckSame(string key, bool isSame)
            {
                if (!isSame)
                {
                    _errors.Add($"{path}.{key}", value[key]?.Line ?? line, string.Create(
                        CultureInfo.InvariantCulture,
                        $"{path} and {otherPath} (line {otherLine}) lead to {route.Target} with different {key}: write the same in both"));
                }
            }
        }
    }

    private void CheckAuth(string path, JsonValue value, Route route)
    {
        if (route.Auth is null)
        {
            return;
        }

        if (TlsOf(route) == TlsLevel.None)
        {
            _errors.Add($"{path}.auth", value["auth"]!.Line, "needs tls: a password is never sent in the clear");
        }
        else if (TlsOf(route) != TlsLevel.Verify)
        {
            _errors.Warn($"{path}.auth", value["auth"]!.Line, "the password goes to whoever answers there: tls verify proves who it is");
        }
    }

    private TlsLevel TlsOf(Route route) => route.Tls ?? _default;

    private static Route RouteOf(DomainPattern pattern, RouteTarget target, TlsLevel? tls, JsonValue value) =>
        new(pattern.ToString(), target, tls, AuthOf(value["auth"]))
        {
            Connections = value["connections"]?.Parsed as int?,
            Rate = value["rate"]?.Parsed as Rate?,
        };

    private static RouteAuth? AuthOf(JsonValue? auth) =>
        auth?["user"]?.Parsed is string user && auth["passwordFile"]?.Parsed is string file ? new RouteAuth(user, file) : null;
}
