using System.Text.Json;
using System.Text.RegularExpressions;
using Relay.Policy.Decisions;
using Relay.Policy.Documents;
using Relay.Policy.Values;
using Relay.TestKit;
using static Relay.Policy.Tests.TestPolicies;

namespace Relay.Policy.Tests.Documents;

/// <summary>Keeps docs/policy.md, docs/policy.schema.json and the design's example true to the parser.</summary>
public sealed partial class DocumentationTests
{
    [Fact]
    public void Every_example_of_the_manual_compiles()
    {
        var examples = Examples("jsonc");
        Assert.Equal(13, examples.Count);
        foreach (var example in examples)
        {
            Assert.NotNull(Compile(example));
        }
    }

    [Fact]
    public void Whole_shape_in_the_manual_compiles() => Assert.NotNull(Compile(Assert.Single(Examples("jsonc whole"))));

    [Fact]
    public void Example_of_the_design_has_no_errors()
    {
        var json = File.ReadAllText(System.IO.Path.Combine(AppContext.BaseDirectory, "Documents", "design-example.jsonc"));
        Assert.Empty(Parse(json).Errors);
    }

    [Fact]
    public void Manual_lists_exactly_the_keys_of_the_parser()
    {
        var listed = TableRow().Matches(Manual()).Select(match => match.Groups[1].Value);
        Assert.Equal(Leaves(PolicyShape.Root, string.Empty).Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Manual_tells_the_defaults_of_the_document()
    {
        var manual = Manual();
        var defaults = new PolicyDocument();
        string[] rows =
        [
            $"| `connections.total` | yes | `{defaults.Connections.Total}` |",
            $"| `connections.perClient` | yes | `{defaults.Connections.PerClient}` |",
            $"| `connections.perNetwork` | yes | `{defaults.Connections.PerNetwork}` |",
            $"| `connections.ratePerClient` | yes | `{defaults.Connections.RatePerClient}` |",
            $"| `penalty.refusals` | yes | `{defaults.Penalty.Refusals}` |",
            $"| `penalty.per` | yes | `{new Duration(defaults.Penalty.Per)}` |",
            $"| `breaker.failures` | yes | `{defaults.Breaker.Failures}` |",
            $"| `breaker.percent` | yes | `{defaults.Breaker.Percent}` |",
            $"| `breaker.rise` | yes | `{defaults.Breaker.Rise}` |",
            $"| `breaker.per` | yes | `{new Duration(defaults.Breaker.Per)}` |",
            $"| `greylisting.retryWindow` | yes | `{new Duration(defaults.Greylisting.RetryWindow)}` |",
            $"| `greylisting.remember` | yes | `{new Duration(defaults.Greylisting.Remember)}` |",
            $"| `penalty.for` | yes | `{new Duration(defaults.Penalty.For)}` |",
            $"| `delivery.connectionsPerDestination` | yes | `{defaults.Delivery.ConnectionsPerDestination}` |",
            $"| `delivery.retry` | yes | `{defaults.Delivery.Retry}` |",
            $"| `delivery.tls` | yes | `{TlsLevels.WordOf(defaults.Delivery.Tls)}` |",
            $"| `message.size` | yes | `{defaults.Message.SizeMax >> 20} MiB` |",
            $"| `message.recipients` | yes | `{defaults.Message.RecipientsMax}` |",
            $"| `message.hops` | yes | `{defaults.Message.HopsMax}` |",
        ];
        Assert.All(rows, row => Assert.Contains(row, manual, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_rule_of_a_verdict_is_in_the_manual()
    {
        var manual = Manual();
        Verdict[] verdicts =
        [
            Verdicts.AnyClient, Verdicts.AnySender, Verdicts.NoRight, Verdicts.NoPolicy, Verdicts.NoPolicyLoopback, Verdicts.NoPostmaster,
            Verdicts.NoSuchHop,
        ];
        Assert.All(verdicts, verdict => Assert.Contains($"`{verdict.Rule}`", manual, StringComparison.Ordinal));
    }

    [Fact]
    public void Schema_is_the_shape_of_the_parser()
    {
        using var schema = JsonDocument.Parse(File.ReadAllText(System.IO.Path.Combine(RepositoryFolder.Path, "docs", "policy.schema.json")));
        AssertSame(PolicyShape.Root, schema.RootElement, schema.RootElement, KeyPath.Document);
    }

    private static void AssertSame(Shape shape, JsonElement element, JsonElement root, string path)
    {
        if (element.TryGetProperty("$ref", out var reference))
        {
            element = root.GetProperty("$defs").GetProperty(reference.GetString()!["#/$defs/".Length..]);
        }

        switch (shape)
        {
            case ObjectShape group:
                AssertSameKeys(group, element, root, path);
                break;
            case MapShape map:
                Assert.Equal("object", Type(element));
                AssertSame(map.Value, element.GetProperty("additionalProperties"), root, path);
                break;
            case ListShape { OrAlone: true } list:
                AssertSame(list.Item, element.GetProperty("oneOf")[0], root, path);
                AssertSame(list with { OrAlone = false }, element.GetProperty("oneOf")[1], root, path);
                break;
            case ListShape list:
                Assert.Equal("array", Type(element));
                AssertSame(list.Item, element.GetProperty("items"), root, path + "[]");
                break;
            case ChoiceShape choice:
                Assert.Equal("string", Type(element));
                Assert.Equal(choice.Choices, element.GetProperty("enum").EnumerateArray().Select(item => item.GetString()));
                break;
            case NumberShape number:
                Assert.Equal("integer", Type(element));
                AssertRange(number.Min, number.Max, element);
                break;
            case SizeShape size:
                AssertRange(size.Min.Bytes, size.Max.Bytes, element.GetProperty("oneOf")[0]);
                Assert.Equal("string", Type(element.GetProperty("oneOf")[1]));
                break;
            case BooleanShape:
                Assert.Equal("boolean", Type(element));
                break;
            default:
                Assert.StartsWith("TextShape", shape.GetType().Name, StringComparison.Ordinal);
                Assert.Equal("string", Type(element));
                break;
        }
    }

    private static void AssertSameKeys(ObjectShape group, JsonElement element, JsonElement root, string path)
    {
        Assert.Equal("object", Type(element));
        Assert.False(element.GetProperty("additionalProperties").GetBoolean(), path);
        var properties = element.GetProperty("properties");
        Assert.Equal(group.Keys.Select(key => key.Name), properties.EnumerateObject().Select(property => property.Name));
        var required = element.TryGetProperty("required", out var list) ? list.EnumerateArray().Select(item => item.GetString()) : [];
        Assert.Equal(group.Keys.Where(key => key.IsRequired).Select(key => key.Name), required);
        foreach (var key in group.Keys)
        {
            var property = properties.GetProperty(key.Name);
            Assert.NotEmpty(property.GetProperty("description").GetString()!);
            AssertSame(key.Shape, property, root, KeyPath.Member(path, key.Name));
        }
    }

    private static void AssertRange(long min, long max, JsonElement element)
    {
        Assert.Equal((min, max), (element.GetProperty("minimum").GetInt64(), element.GetProperty("maximum").GetInt64()));
    }

    private static string? Type(JsonElement element) => element.GetProperty("type").GetString();

    private static IEnumerable<string> Leaves(ObjectShape group, string prefix)
    {
        foreach (var key in group.Keys)
        {
            var name = prefix + key.Name;
            var leaves = key.Shape switch
            {
                ObjectShape inner => Leaves(inner, name + "."),
                ListShape { Item: ObjectShape inner } => Leaves(inner, name + "[]."),
                _ => [name],
            };
            foreach (var leaf in leaves)
            {
                yield return leaf;
            }
        }
    }

    private static List<string> Examples(string language) => [.. CodeBlock().Matches(Manual())
        .Where(match => match.Groups[1].Value == language)
        .Select(match => match.Groups[2].Value)];

    private static string Manual() => File.ReadAllText(System.IO.Path.Combine(RepositoryFolder.Path, "docs", "policy.md"));

    [GeneratedRegex("^```([^\n]+)\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex CodeBlock();

    [GeneratedRegex(@"^\| `([^`]+)` \| yes \|", RegexOptions.Multiline)]
    private static partial Regex TableRow();
}
