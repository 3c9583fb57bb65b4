using static Relay.Policy.Tests.TestPolicies;

namespace Relay.Policy.Tests.Documents;

public sealed class ListenerNameTests
{
    private const string Json = "{ \"relay\": {\n \"listeners\": [\"internal\",\n \"submision\"] } }";

    [Fact]
    public void Listener_that_the_node_has_is_fine() => Assert.Empty(Document(Json).ValidateAgainst(["public", "internal", "submision"]));

    [Fact]
    public void Listener_that_the_node_has_not_is_an_error_with_its_place_and_the_nearest_name()
    {
        var error = Assert.Single(Document(Json).ValidateAgainst(["public", "internal", "submission"]));
        Assert.Equal(("relay.listeners[1]", 3), (error.Key, error.Line));
        Assert.Equal("\"submision\" is not a listener of this node: did you mean \"submission\"?", error.Message);
    }

    [Fact]
    public void Listener_names_compare_with_their_case() =>
        Assert.Equal(2, Document(Json).ValidateAgainst(["Internal", "Submision"]).Count);

    [Fact]
    public void Listener_error_lists_the_names_when_none_is_near()
    {
        var errors = Document(Json).ValidateAgainst(["a", "b"]);
        Assert.EndsWith("its listeners are a, b", errors[0].Message, StringComparison.Ordinal);
    }
}
