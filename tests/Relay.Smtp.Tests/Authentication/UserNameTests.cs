using Relay.Smtp.Authentication;

namespace Relay.Smtp.Tests.Authentication;

public sealed class UserNameTests
{
    [Theory]
    [InlineData("alice", "alice")]
    [InlineData("Alice.B-C_d+e@Relay.Example", "alice.b-c_d+e@relay.example")]
    [InlineData("I", "i")] // in every culture
    [InlineData("1", "1")]
    public void A_name_is_kept_in_lower_case(string text, string name)
    {
        Assert.True(UserName.TryParse(text, out var parsed));
        Assert.Equal(name, parsed);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".alice")]
    [InlineData("-alice")]
    [InlineData("al ice")]
    [InlineData("al/ice")]
    [InlineData("al\nice")]
    [InlineData("gr\u00FC\u00DFe")]
    [InlineData("\u0430lice")] // a Cyrillic letter that looks like an a
    public void What_could_be_taken_for_another_name_is_none(string text) => Assert.False(UserName.TryParse(text, out _));

    [Fact]
    public void A_name_has_a_limit()
    {
        Assert.True(UserName.TryParse(new string('a', UserName.CharactersMax), out _));
        Assert.False(UserName.TryParse(new string('a', UserName.CharactersMax + 1), out _));
    }

    [Theory]
    [InlineData("correct horse battery staple", true)]
    [InlineData(" ", true)]
    [InlineData("", false)]
    [InlineData("tab\t", false)]
    [InlineData("gr\u00FC\u00DFe", false)]
    public void Passwords_are_printable_ASCII(string password, bool isOne) => Assert.Equal(isOne, UserName.IsPassword(password));

    [Theory]
    [InlineData(15, 4096, 32, 32)]
    [InlineData(16, 4095, 32, 32)]
    [InlineData(16, ScramVerifier.IterationsMax + 1, 32, 32)]
    [InlineData(16, 4096, 31, 32)]
    [InlineData(16, 4096, 32, 33)]
    public void A_verifier_of_another_shape_is_none(int salt, int iterations, int storedKey, int serverKey) =>
        Assert.ThrowsAny<ArgumentException>(() => new ScramVerifier(new byte[salt], iterations, new byte[storedKey], new byte[serverKey]));
}
