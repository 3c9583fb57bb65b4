using System.Xml.Linq;
using Relay.TestKit;

namespace Relay.Node.Tests.Architecture;

public sealed class DependencyTests
{
    // The arrows of docs/architecture.md: what each project may name directly.
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["Relay.Smtp"] = [],
        ["Relay.Spool"] = [],
        ["Relay.Policy"] = ["Relay.Smtp"],
        ["Relay.Messages"] = ["Relay.Policy", "Relay.Smtp"],
        ["Relay.Actors"] = ["Relay.Messages", "Relay.Policy", "Relay.Spool", "Relay.Smtp"],
        ["Relay.Flood"] = ["Relay.Smtp"],
        ["Relay.Node"] = ["Relay.Actors", "Relay.Flood"],
    };

    private static readonly string[] WithoutPackages = ["Relay.Smtp", "Relay.Spool", "Relay.Policy"];

    public static TheoryData<string> Projects => [.. Directory.GetDirectories(Path.Combine(RepositoryFolder.Path, "src")).Select(Path.GetFileName).Cast<string>()];

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_names_only_what_the_design_allows(string project)
    {
        Assert.True(Allowed.ContainsKey(project), $"{project} is not in the design: give it a place there and here.");
        var named = References(project, "ProjectReference").Select(path => Path.GetFileNameWithoutExtension(path.Replace('\\', '/')));
        Assert.Empty(named.Except(Allowed[project], StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Protocol_spool_and_policy_use_no_packages(string project)
    {
        if (WithoutPackages.Contains(project, StringComparer.Ordinal))
        {
            Assert.Empty(References(project, "PackageReference"));
        }
        else
        {
            Assert.NotEmpty(References(project, "PackageReference"));
        }
    }

    [Fact]
    public void Every_source_project_has_a_test_project()
    {
        foreach (var project in Allowed.Keys)
        {
            Assert.True(File.Exists(Path.Combine(RepositoryFolder.Path, "tests", $"{project}.Tests", $"{project}.Tests.csproj")), project);
        }
    }

    private static IEnumerable<string> References(string project, string kind) =>
        XDocument.Load(Path.Combine(RepositoryFolder.Path, "src", project, $"{project}.csproj"))
            .Descendants(kind)
            .Select(reference => reference.Attribute("Include")!.Value);
}
