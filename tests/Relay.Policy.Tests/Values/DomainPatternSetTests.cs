using CsCheck;
using Relay.Policy.Values;

namespace Relay.Policy.Tests.Values;

public sealed class DomainPatternSetTests
{
    private static readonly string[] Patterns = ["a.b.c", ".a.b.c", "b.c", ".b.c", "c", ".c", "xb.c", ".xb.c", "x.a.b.c"];
    private static readonly string[] Domains = ["a.b.c", "b.c", "c", "xb.c", "x.a.b.c", "w.a.b.c", "y.x.a.b.c", "z.b.c", "z.c", "z.xb.c", "d"];

    [Fact]
    public void Set_agrees_with_the_domains_that_its_patterns_match()
    {
        Gen.Select(Gen.OneOf(Patterns).Array[0, 4], Gen.OneOf(Patterns)).Sample((texts, text) =>
        {
            var set = new DomainPatternSet(texts.Select(Read));
            // The sample of domains tells every two of these patterns apart.
            var matched = Domains.Where(domain => Matches(text, domain)).ToList();
            Assert.Equal(texts.Any(other => matched.All(domain => Matches(other, domain))), set.Covers(Read(text)));
            Assert.Equal(matched.Any(domain => texts.Any(other => Matches(other, domain))), set.Overlaps(Read(text)));
        });
    }

    [Fact]
    public void Star_covers_everything()
    {
        var set = new DomainPatternSet([DomainPattern.Any]);
        Assert.True(set.Covers(Read("a.b")) && set.Covers(Read(".a.b")) && set.Covers(DomainPattern.Any));
        Assert.False(new DomainPatternSet([Read("a.b")]).Covers(DomainPattern.Any));
    }

    private static DomainPattern Read(string text)
    {
        Assert.True(DomainPattern.TryParse(text, out var pattern, out _));
        return pattern;
    }

    private static bool Matches(string pattern, string domain) =>
        pattern[0] == '.' ? domain.EndsWith(pattern, StringComparison.Ordinal) : domain == pattern;
}
