using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Relay.Actors.Accounts;
using Relay.Node.CommandLine.Api;
using Relay.Node.Composition;
using Relay.Node.Tests.EndToEnd;
using Relay.Node.Tests.Policies;
using Relay.TestKit;

namespace Relay.Node.Tests.Accounts;

/// <summary>What a user does on any node counts on all of them, and who is held on one is held on all.</summary>
[Collection(GuardedTrio.Name)]
public sealed class AccountClusterTests(GuardedTrio trio)
{
    [Fact]
    public async Task Failures_on_two_nodes_add_up_and_all_three_hold_the_user_until_any_of_them_is_told_to_let_it_go()
    {
        for (var i = 0; i < 3; i++)
        {
            BreakerOf(trio[0]).Refuse("alice");
            BreakerOf(trio[1]).Refuse("alice");
        }

        await Eventually.TrueAsync(() => trio.All.All(static node => BreakerOf(node).IsHeld("alice")));
        var listed = (await trio[2].Api.GetFromJsonAsync<AccountsAnswer>("/api/accounts"))!;
        Assert.Equal(["a", "b", "c"], listed.Accounts.Select(static account => account.Node));

        using var released = await trio[2].Api.PostAsync(new Uri("/api/accounts/Alice/release", UriKind.Relative), content: null);
        var change = (await released.Content.ReadFromJsonAsync<AccountChangeAnswer>())!;
        Assert.Equal(("alice", true, 3), (change.Name, change.WasHeld, change.Nodes!.Count(static node => node.Done)));
        Assert.DoesNotContain(trio.All, static node => BreakerOf(node).IsHeld("alice"));
    }

    private static AccountBreaker BreakerOf(RunningNode node) => node.Services.GetRequiredService<MailHost>().Services.Accounts.Breaker;
}
