using Relay.Actors.Policy;
using Relay.Node.Authentication;
using Relay.Node.CommandLine.Api;
using Relay.Node.Composition;
using Relay.Node.Inquiries;
using Relay.Node.Settings;
using Relay.Policy.Decisions;
using Relay.Smtp.Addresses;
using Relay.Smtp.Authentication;

namespace Relay.Node.Admin;

/// <summary><c>/api/policy</c>: the policy in force, asked.</summary>
internal static class PolicyApi
{
    /// <summary>Adds the routes.</summary>
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapMethods("/api/policy/explain", AdminApi.ReadMethods, ExplainAsync)
            .AddEndpointFilter(new QueryKeys("client", "listener", "user", "from", "to"));

    private static async Task<IResult> ExplainAsync(
        PolicyAgent policy, NodeSettings settings, MailHost mail, UserStore users, string? client, string? listener, string? from, string? to, string? user)
    {
        // What the platform's parser takes is more than anyone means: 010.0.0.1 is 8.0.0.1 there.
        if (client is null || !EndPointText.TryParseAddress(client, out var address))
        {
            return AdminApi.BadQuery("client is not an IP address", $"{Found(client)} is not an IP address, like 192.0.2.10 or 2001:db8::10.");
        }

        string[] names = [.. settings.Listeners.Select(static known => known.Name)];
        listener ??= names[0];
        if (!names.Contains(listener, StringComparer.Ordinal))
        {
            return AdminApi.BadQuery("listener is not one of this node", $"{Found(listener)} is none of {string.Join(", ", names)}.");
        }

        var sender = MailPath.Null;
        if (from is null || (Selections.Bare(from) is { Length: > 0 } fromText && !MailPath.TryParse(fromText, out sender)))
        {
            return AdminApi.BadQuery("from is not an address", $"{Found(from)} is no address, like user@relay.example, and not <>.");
        }

        if (to is null || !MailPath.TryParse(Selections.Bare(to), out var recipient) || recipient.IsNull)
        {
            return AdminApi.BadQuery("to is not an address", $"{Found(to)} is no address, like user@relay.example.");
        }

        string? name = null;
        if (user is not null && !UserName.TryParse(user, out name))
        {
            return AdminApi.BadQuery("user is not a user name", $"{Found(user)} can be no user's name.");
        }

        var place = settings.Listeners.First(known => known.Name == listener);
        if (ListenerDemands.ProblemWith(name, place, users) is { } problem)
        {
            return AdminApi.BadQuery("user cannot have logged in there", problem);
        }

        if (ListenerDemands.Refuse(name, place, policy.Current.Version) is { } refusal)
        {
            return Results.Json(refusal);
        }

        // A connection shows such clients as IPv4.
        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        var facts = new ClientFacts(address, listener, name)
        {
            IsBalancer = settings.IsBalancer(address),
        };
        var snapshot = policy.Current;
        var cutOff = PenaltyExplanation.Refuse(mail.Services.Penalties, facts, snapshot.Version)
            ?? AccountExplanation.Refuse(mail.Services.Accounts.Breaker, facts, snapshot.Version);
        if (cutOff is not null)
        {
            return Results.Json(cutOff);
        }

        var wanted = snapshot.InquiryFor(facts, sender);
        var findings = await mail.Services.Inquirer.About(address).FindAsync(wanted, sender);
        var answer = ExplainAnswer.Of(snapshot.Explain(facts, sender, recipient, findings, mail.Services.Recipients.FindInList(snapshot, recipient)));
        return Results.Json(answer with { Steps = [.. FindingSteps.Of(address, sender, wanted, findings), .. answer.Steps] });
    }

    private static string Found(string? value) => value is null ? "Nothing" : ShownText.Quote(value);
}
