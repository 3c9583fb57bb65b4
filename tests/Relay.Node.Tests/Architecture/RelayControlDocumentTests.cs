using System.Text;
using System.Text.RegularExpressions;
using Relay.Policy.Documents;
using Relay.TestKit;

namespace Relay.Node.Tests.Architecture;

/// <summary>docs/relay-control.md names tests as proof: each must be there, and each line of a policy must be good.</summary>
public sealed partial class RelayControlDocumentTests
{
    [Fact]
    public void Every_test_that_is_named_as_proof_is_there()
    {
        var tests = Directory.EnumerateFiles(Path.Combine(RepositoryFolder.Path, "tests"), "*.cs", SearchOption.AllDirectories)
            .ToLookup(Path.GetFileNameWithoutExtension, File.ReadAllText);
        var named = Proof().Matches(Document()).Select(match => (Class: match.Groups[1].Value, Method: match.Groups[2].Value)).ToList();

        Assert.True(named.Count > 100);
        Assert.All(named, proof => Assert.True(
            tests[proof.Class].Any(text => Regex.IsMatch(text, $@"public (async Task|Task|void) {proof.Method}\(")), $"there is no {proof.Class}.{proof.Method}"));
    }

    [Fact]
    public void Every_row_has_a_proof()
    {
        var rows = Document().Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal) && !line.EndsWith("| proof |", StringComparison.Ordinal)).ToList();
        Assert.True(rows.Count > 40);
        Assert.All(rows, row => Assert.Matches(Proof(), row));
    }

    [Fact]
    public void Every_line_of_a_policy_is_one()
    {
        var lines = PolicyLine().Matches(Document()).Select(match => match.Groups[1].Value).ToList();
        Assert.True(lines.Count > 15);
        foreach (var line in lines)
        {
            var domains = line.StartsWith("\"acceptedDomains\"", StringComparison.Ordinal) ? "" : "\"acceptedDomains\": [\"relay.example\"], ";
            Assert.Empty(PolicyParser.Parse(Encoding.UTF8.GetBytes($"{{ {domains}{line} }}")).Errors);
        }
    }

    private static string Document() => File.ReadAllText(Path.Combine(RepositoryFolder.Path, "docs", "relay-control.md"));

    [GeneratedRegex(@"`(\w+(?:Tests|Properties|Specs))\.(\w+)`")]
    private static partial Regex Proof();

    // Keys of the policy begin with a small letter, those of the settings do not.
    [GeneratedRegex(@"`(""[a-z]\w*"": [^`]+)`")]
    private static partial Regex PolicyLine();
}
