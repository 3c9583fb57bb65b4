using System.Diagnostics.CodeAnalysis;
using CsCheck;
using Relay.Smtp.Addresses;

namespace Relay.Smtp.Tests.Addresses;

[SuppressMessage("Naming", "CA1711", Justification = "Properties that hold for generated input.")]
public sealed class MailPathProperties
{
    private const string Interesting = "ab.@\"\\:<>[]%! ,()1-_\r\n\0üЯ\u0308\ud800\uff20IPv6:";

    private static readonly Gen<string> Soup = Gen.OneOf(
        Gen.String[Gen.Char[Interesting], 0, 40],
        Gen.String[0, 300],
        Gen.Select(Gen.String[Gen.Char[Interesting], 0, 20], Gen.String[Gen.Char["ab.-1"], 0, 20], (local, domain) => $"{local}@{domain}"),
        Gen.Select(Gen.String[Gen.Char["abc\"\\ @"], 0, 20], local => $"\"{local}\"@relay.example"));

    [Fact]
    public void Parsing_never_throws_and_gives_back_what_it_parses() =>
        Soup.Sample(
            text =>
            {
                if (!MailPath.TryParse(text, out var path))
                {
                    Assert.Null(path);
                    return;
                }

                Assert.True(MailPath.TryParse(path.Text, out var again));
                Assert.Equal(path.Text, again.Text);
                Assert.Equal(path, again);
                Assert.EndsWith(path.Text, text, StringComparison.Ordinal);
                Assert.DoesNotContain(path.Text, c => char.IsControl(c) || c is '\u2028' or '\u2029');
                Assert.Equal(path.Domain is null, path.IsNull || path.IsBarePostmaster);
            },
            iter: 20_000);

    [Fact]
    public void A_canonical_name_parses_to_itself() =>
        Gen.OneOf(Gen.String[Gen.Char["abz.-1üя[]:IPv6"], 0, 30], Gen.String[0, 60]).Sample(
            text =>
            {
                if (MailDomain.TryParse(text, out var domain))
                {
                    Assert.True(MailDomain.TryParse(domain.Name, out var again));
                    Assert.Equal(domain, again);
                    Assert.True(System.Text.Ascii.IsValid(domain.Name));
                    Assert.Equal(domain.Literal, again.Literal);
                }
            },
            iter: 20_000);
}
