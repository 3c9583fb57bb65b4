using System.Text;
using CsCheck;
using Relay.Node.Recipients;
using Relay.Smtp.Addresses;

namespace Relay.Node.Tests.Recipients;

public sealed class RecipientListTests
{
    private static readonly string[] Domains = ["relay.example", "sub.relay.example", "b.example"];

    [Theory]
    [InlineData("bob@relay.example", "bob@relay.example", true)]
    [InlineData("bob@relay.example", "BOB@Relay.Example", true)]
    [InlineData("Bob@relay.example", "bob@relay.example", true)]
    [InlineData("bob@relay.example", "bob@sub.relay.example", false)]
    [InlineData("bob@relay.example", "bo@relay.example", false)]
    [InlineData("bob@relay.example", "bobb@relay.example", false)]
    [InlineData("bob", "bob@relay.example", true)]
    [InlineData("bob", "bob@other.example", true)]
    [InlineData("bob", "alice@relay.example", false)]
    [InlineData("bob", "bob+tag@relay.example", true)]
    [InlineData("bob@relay.example", "bob+one+two@relay.example", true)]
    [InlineData("bob+tag@relay.example", "bob+tag@relay.example", true)]
    [InlineData("bob+tag@relay.example", "bob@relay.example", false)]
    [InlineData("bob+tag@relay.example", "bob+other@relay.example", false)]
    [InlineData("bob", "+bob@relay.example", false)]
    [InlineData("bob", "\"bob\"@relay.example", true)]
    [InlineData("bob", "\"b\\ob\"@relay.example", true)]
    [InlineData("\"a b\"@relay.example", "\"a b\"@relay.example", true)]
    [InlineData("\"bob@relay.example\"", "bob@relay.example", false)]
    [InlineData("bob@relay.example", "\"bob@relay.example\"@other.example", false)]
    [InlineData("@relay.example", "anyone@relay.example", true)]
    [InlineData("@relay.example", "anyone@sub.relay.example", false)]
    [InlineData("@relay.example", "anyone+tag@relay.example", true)]
    [InlineData("grün@relay.example", "grün@relay.example", true)]
    [InlineData("bob@bücher.example", "bob@xn--bcher-kva.example", true)]
    [InlineData("istanbul", "ISTANBUL@relay.example", true)]
    [InlineData("o'hara#1", "o'hara#1@relay.example", true)]
    public void An_entry_names_recipients(string entry, string recipient, bool has)
    {
        var (list, errors) = Read(entry);
        Assert.Empty(errors);
        Assert.Equal(has, list!.Has(Path(recipient)));
    }

    [Fact]
    public void Comments_empty_lines_and_any_line_end_say_nothing()
    {
        var (list, _) = Read("\uFEFF# people\r\n\r\n  alice@relay.example\t\r\n#bob@relay.example\ncarol\n\n  # dave\nerin");
        Assert.Equal(3, list!.Count);
        Assert.Equal(
            [true, false, true, false, true],
            new[] { "alice", "bob", "carol", "dave", "erin" }.Select(name => list.Has(Path($"{name}@relay.example"))));
    }

    [Theory]
    [InlineData("a@relay.example\nb@@relay.example\n", 2, "is not a recipient")]
    [InlineData("bob@relay.example OK", 1, "nothing behind it")]
    [InlineData("# x\n\n*@relay.example", 3, "write @relay.example for all")]
    [InlineData("*", 1, "write @relay.example for all")]
    [InlineData("bob@[192.0.2.1]", 1, "address literal")]
    [InlineData("@", 1, "is not a domain behind an @")]
    [InlineData("@a.example:bob@relay.example", 1, "is not a domain behind an @")]
    [InlineData("<bob@relay.example>", 1, "is not a recipient")]
    [InlineData("bob\rcarol", 1, "is not a recipient")]
    [InlineData("", 1, "no recipient in it")]
    [InlineData("# all gone\n", 1, "no recipient in it")]
    public void What_is_no_recipient_is_an_error_of_its_line(string file, int line, string message)
    {
        var (list, errors) = Read(file);
        Assert.Null(list);
        var error = Assert.Single(errors);
        Assert.Equal(line, error.Line);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Octets_that_are_no_UTF8_and_endless_lines_are_errors()
    {
        var (_, errors) = RecipientListReader.Read([.. "a@relay.example\n"u8, 0xFF, .. "b@relay.example\n"u8, .. Enumerable.Repeat((byte)'x', 300)]);
        Assert.Equal([2, 3], errors.Select(error => error.Line));
        Assert.Equal("not UTF-8", errors[0].Message);
        Assert.StartsWith("longer than 256", errors[1].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_many_errors_the_first_are_told()
    {
        var (_, errors) = Read(string.Concat(Enumerable.Repeat("a b\n", 1000)));
        Assert.Equal(RecipientListReader.ErrorsMax, errors.Count);
    }

    [Fact]
    public void Whatever_was_written_is_found_and_nothing_else()
    {
        var local = Gen.Char["abcXYZ019.+-_"].Array[1, 12].Select(letters => new string(letters)).Where(text => Valid(text));
        var address = Gen.Select(local, Gen.Int[0, 2], (name, domain) => $"{name}@{Domains[domain]}");
        Gen.Select(address.Array[1, 50], address.Array[1, 50]).Sample((written, asked) =>
        {
            var (list, errors) = Read(string.Join('\n', written));
            Assert.Empty(errors);
            var known = written.Select(text => text.ToLowerInvariant()).ToHashSet(StringComparer.Ordinal);
            foreach (var text in written.Concat(asked))
            {
                var lower = text.ToLowerInvariant();
                var tag = lower.IndexOf('+', StringComparison.Ordinal);
                var bare = tag > 0 ? lower[..tag] + lower[lower.IndexOf('@', StringComparison.Ordinal)..] : lower;
                Assert.Equal(known.Contains(lower) || known.Contains(bare), list!.Has(Path(text)));
            }
        });
    }

    [Fact]
    public void Any_octets_are_a_list_or_errors_and_never_a_crash() =>
        Gen.Byte.Array[0, 400].Sample(octets =>
        {
            var (list, errors) = RecipientListReader.Read(octets);
            Assert.Equal(list is null, errors.Count > 0);
        });

    [Fact]
    public void Hundreds_of_thousands_are_looked_through_without_garbage()
    {
        var text = new StringBuilder();
        for (var i = 0; i < 300_000; i++)
        {
            text.Append("user").Append(i * 7919 % 300_007).Append("@relay.example\n");
        }

        var (list, _) = Read(text.ToString());
        Assert.Equal(300_000, list!.Count);
        var (known, unknown) = (Path("USER7919@relay.example"), Path("user300007@relay.example"));
        Assert.True(list.Has(known));
        Assert.False(list.Has(unknown));
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            Assert.True(list.Has(known));
            Assert.False(list.Has(unknown));
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static (RecipientList? List, IReadOnlyList<RecipientListError> Errors) Read(string text) => RecipientListReader.Read(Encoding.UTF8.GetBytes(text));

    private static bool Valid(string local) => MailPath.TryParse(local + "@relay.example", out _);

    private static MailPath Path(string text) => MailPath.TryParse(text, out var path) ? path : throw new ArgumentException(text);
}
