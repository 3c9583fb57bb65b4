using System.Text.RegularExpressions;
using Relay.TestKit;

namespace Relay.Node.Tests.Architecture;

public sealed partial class SourceTests
{
    private const int LinesMax = 320;

    [Fact]
    public void Files_stay_short_enough_to_have_one_reason_to_change() =>
        Assert.DoesNotContain(Sources(), file => File.ReadLines(file).Count() > LinesMax);

    [Fact]
    public void Nothing_is_left_for_later() =>
        Assert.DoesNotContain(Sources(), file => Later().IsMatch(File.ReadAllText(file)));

    [Fact]
    public void Every_limit_of_docs_limits_is_in_the_code()
    {
        var code = string.Concat(Sources().Select(File.ReadAllText));
        var limits = LimitName().Matches(File.ReadAllText(Path.Combine(RepositoryFolder.Path, "docs", "limits.md"))).Select(match => match.Groups[1].Value).ToArray();
        Assert.NotEmpty(limits);
        Assert.DoesNotContain(limits, limit => !code.Contains(limit[(limit.LastIndexOf('.') + 1)..], StringComparison.Ordinal));
    }

    [GeneratedRegex(@"\b(TO" + @"DO|FIX" + @"ME|HA" + @"CK)\b")]
    private static partial Regex Later();

    // A row of a table that begins with `Type.Member`.
    [GeneratedRegex(@"^\| `([A-Z]\w+\.[A-Z]\w+)`", RegexOptions.Multiline)]
    private static partial Regex LimitName();

    private static IEnumerable<string> Sources() =>
        Directory.EnumerateFiles(Path.Combine(RepositoryFolder.Path, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal));
}
