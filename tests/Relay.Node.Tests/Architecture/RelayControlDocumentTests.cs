using System.Text.RegularExpressions;
using Relay.TestKit;

namespace Relay.Node.Tests.Architecture;

/// <summary>docs/relay-control.md names tests as proof: each must be there.</summary>
public sealed partial class RelayControlDocumentTests
{
    [Fact]
    public void Every_test_that_is_named_as_proof_is_there()
    {
        var tests = Directory.EnumerateFiles(Path.Combine(RepositoryFolder.Path, "tests"), "*.cs", SearchOption.AllDirectories)
            .ToLookup(Path.GetFileNameWithoutExtension, File.ReadAllText);
        var named = Proof().Matches(Document()).Select(match => (Class: match.Groups[1].Value, Method: match.Groups[2].Value)).ToList();

        Assert.True(named.Count > 50);
        Assert.All(named, proof => Assert.True(
            tests[proof.Class].Any(text => Regex.IsMatch(text, $@"public (async Task|Task|void) {proof.Method}\(")), $"there is no {proof.Class}.{proof.Method}"));
    }

    [Fact]
    public void Every_row_that_is_in_force_has_a_proof()
    {
        var rows = Document().Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal)).ToList();
        Assert.All(rows, row => Assert.True(
            Proof().IsMatch(row) || row.EndsWith("| |", StringComparison.Ordinal) || row.EndsWith("| proof |", StringComparison.Ordinal), row));
        Assert.All(
            rows.Where(row => row.EndsWith("| |", StringComparison.Ordinal)),
            row => Assert.Contains("not in force in this version", row, StringComparison.Ordinal));
    }

    private static string Document() => File.ReadAllText(Path.Combine(RepositoryFolder.Path, "docs", "relay-control.md"));

    [GeneratedRegex(@"`(\w+(?:Tests|Properties))\.(\w+)`")]
    private static partial Regex Proof();
}
