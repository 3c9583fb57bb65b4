using Relay.Node.Cluster;

namespace Relay.Node.Tests.Cluster;

public sealed class PeerRequestsTests
{
    [Theory]
    [InlineData("GET", "/api/queue?node=self", true)]
    [InlineData("GET", "/api/queue/summary?node=self", true)]
    [InlineData("POST", "/api/queue/hold?node=self", true)]
    [InlineData("POST", "/api/destinations/mx.example/pause?node=self", true)]
    [InlineData("POST", "/api/accounts/alice/release?node=self", true)]
    [InlineData("POST", "/api/cluster/leave", false)]
    [InlineData("PUT", "/api/users/eve", false)]
    [InlineData("GET", "/api/users", false)]
    [InlineData("PUT", "/api/policy", false)]
    [InlineData("DELETE", "/api/queue", false)]
    [InlineData("POST", "/api/queue/../cluster/leave", false)]
    [InlineData("POST", "/api/queue/%2E%2e/cluster/leave", false)]
    [InlineData("POST", "/api/queue/..\\cluster/leave", false)]
    [InlineData("GET", "/api/queues", false)]
    public void Other_nodes_may_ask_what_all_nodes_are_asked_and_no_more(string method, string path, bool allowed) =>
        Assert.Equal(allowed, PeerRequests.Allow(method, path));
}
