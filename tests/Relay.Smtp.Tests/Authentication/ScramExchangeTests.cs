using System.Text;
using CsCheck;
using Relay.Smtp.Authentication;
using Relay.TestKit.Smtp;

namespace Relay.Smtp.Tests.Authentication;

public sealed class ScramExchangeTests
{
    private const string Nonce = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";

    private static readonly ScramVerifier Verifier =
        ScramVerifier.FromPassword("pencil"u8, Convert.FromBase64String("W22ZaJ0SNY7soEsUEjb6gQ=="), 4096);

    [Fact]
    public void The_example_of_RFC_7677()
    {
        var exchange = new ScramExchange();
        Assert.Equal(SaslOutcome.FindVerifier, Take(exchange, "n,,n=user,r=rOprNGfwEbeRWgbNEkqO").Outcome);
        Assert.Equal("user", exchange.User);
        Assert.Equal(
            "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
            Encoding.ASCII.GetString(exchange.ServerFirst(Verifier, Nonce)));
        var step = Take(
            exchange, "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
        Assert.Equal("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=", Encoding.ASCII.GetString(step.Challenge!));
        Assert.Equal(SaslOutcome.Decide, Take(exchange, "").Outcome);
        Assert.True(exchange.IsProven);
    }

    [Fact]
    public void A_client_with_the_password_is_proven_and_none_with_another()
    {
        var text = Gen.Char[' ', '~'].Array[1, 40].Select(characters => new string(characters));
        Gen.Select(text, text, Gen.Bool, Gen.Byte.Array[16], Gen.Bool.Select(y => y ? "y,," : "n,,"), Gen.Char['-', '~'].Array[1, 40]).Sample(
            (user, password, isRight, salt, header, nonce) =>
            {
                var verifier = ScramVerifier.FromPassword(Encoding.ASCII.GetBytes(password), salt, ScramVerifier.IterationsMin);
                Assert.True(verifier.IsOf(Encoding.ASCII.GetBytes(password)));
                Assert.False(verifier.IsOf(Encoding.ASCII.GetBytes(password + "x")));
                var client = new ScramTestClient(user, isRight ? password : password + " ", new string(nonce), header);
                var exchange = new ScramExchange();
                Assert.Equal(SaslOutcome.FindVerifier, Take(exchange, client.First).Outcome);
                Assert.Equal(user, exchange.User, ignoreCase: true);
                var serverFirst = Encoding.ASCII.GetString(exchange.ServerFirst(verifier, Nonce));
                var step = Take(exchange, client.Final(serverFirst));
                Assert.Equal(isRight, exchange.IsProven);
                Assert.Equal(isRight ? SaslOutcome.Challenge : SaslOutcome.Decide, step.Outcome);
                if (isRight)
                {
                    Assert.Equal(client.ServerFinal, Encoding.ASCII.GetString(step.Challenge!));
                }
            },
            iter: 200);
    }

    [Theory]
    [InlineData("")]
    [InlineData("n")]
    [InlineData("n,")]
    [InlineData("n,,")]
    [InlineData("x,,n=user,r=abc")]
    [InlineData("nn,,n=user,r=abc")]
    [InlineData("N,,n=user,r=abc")]
    [InlineData("n,b=user,n=user,r=abc")]
    [InlineData("n,a=,n=user,r=abc")]
    [InlineData("n,a=us=er,n=user,r=abc")]
    [InlineData("n,,r=abc,n=user")]
    [InlineData("n,,n=user")]
    [InlineData("n,,n=user,")]
    [InlineData("n,,n=,r=abc")]
    [InlineData("n,,n=user,r=")]
    [InlineData("n,,n=user,r=a b")]
    [InlineData("n,,n=user,r=abc,")]
    [InlineData("n,,n=user,r=abc,1=x")]
    [InlineData("n,,n=user,r=abc,x")]
    [InlineData("n,,n=user,r=abc,x=\0")]
    [InlineData("n,,n=us=2cer,r=abc")]
    [InlineData("n,,n=us=,r=abc")]
    [InlineData("n,,n=us=2,r=abc")]
    [InlineData("n,,n=us\0er,r=abc")]
    [InlineData("n,, n=user,r=abc")]
    [InlineData("n,,n=user,r=\u00FC")]
    public void A_malformed_first_message_is_told_so(string message) =>
        Assert.Equal(SaslOutcome.Malformed, Take(new ScramExchange(), message).Outcome);

    [Theory]
    [InlineData("p=tls-exporter,,n=user,r=abc")]
    [InlineData("p=,,n=user,r=abc")]
    [InlineData("n,,m=must,n=user,r=abc")]
    [InlineData("n,a=other,n=user,r=abc")]
    public void A_binding_a_mandatory_extension_and_another_s_name_are_refused(string message) =>
        Assert.Equal(SaslOutcome.Refused, Take(new ScramExchange(), message).Outcome);

    [Theory]
    [InlineData("n,a=user,n=user,r=abc", "user")]
    [InlineData("y,a=USER,n=User,r=abc", "user")]
    [InlineData("n,,n=a=2Cb=3Dc,r=abc", "a,b=c")]
    [InlineData("n,,n=user,r=abc,x=passed,Z=over", "user")]
    [InlineData("n,,n=gr\u00FC\u00DFe,r=abc", "gr\u00FC\u00DFe")]
    public void A_sound_first_message_names_the_user(string message, string user)
    {
        var exchange = new ScramExchange();
        Assert.Equal(SaslOutcome.FindVerifier, Take(exchange, message).Outcome);
        Assert.Equal(user, exchange.User);
    }

    [Fact]
    public void A_nonce_has_a_limit()
    {
        Assert.Equal(SaslOutcome.FindVerifier, Take(new ScramExchange(), $"n,,n=u,r={new string('a', ScramExchange.ClientNonceMax)}").Outcome);
        Assert.Equal(SaslOutcome.Malformed, Take(new ScramExchange(), $"n,,n=u,r={new string('a', ScramExchange.ClientNonceMax + 1)}").Outcome);
    }

    [Fact]
    public void A_proof_for_another_nonce_or_header_proves_nothing()
    {
        // An answer that was listened to, sent again: the server's part of the nonce is another one.
        var client = new ScramTestClient("user", "pencil");
        var (_, first) = Begin(client);
        var recorded = client.Final(first);
        var (again, _) = Begin(client, "another-nonce");
        Assert.Equal(SaslOutcome.Decide, Take(again, recorded).Outcome);
        Assert.False(again.IsProven);

        foreach (var (nonce, binding) in new (string?, string?)[] { ("rOprNGfwEbeRWgbNEkqO", null), (null, "y,,"), (null, "n,a=root,") })
        {
            var (exchange, serverFirst) = Begin(client);
            Assert.Equal(SaslOutcome.Decide, Take(exchange, client.Final(serverFirst, nonce, binding)).Outcome);
            Assert.False(exchange.IsProven);
        }

        // Who said "y" cannot have it taken for "n".
        var (downgraded, answer) = Begin(new ScramTestClient("user", "pencil", header: "y,,"));
        Assert.Equal(SaslOutcome.Decide, Take(downgraded, client.Final(answer)).Outcome);
        Assert.False(downgraded.IsProven);
    }

    [Theory]
    [InlineData("{0},p=")]
    [InlineData("{0},p=AAAA,x=y")]
    [InlineData("{0},p=AA AA")]
    [InlineData("{0}")]
    [InlineData("x=y,{0},p=AAAA")]
    [InlineData("c=biws,p=AAAA")]
    [InlineData("c=bi ws,r=a,p=AAAA")]
    [InlineData("")]
    [InlineData(",")]
    public void A_malformed_final_message_is_told_so(string message)
    {
        var (exchange, serverFirst) = Begin(new ScramTestClient("user", "pencil"));
        var start = $"c=biws,{serverFirst.Split(',')[0]}";
        Assert.Equal(SaslOutcome.Malformed, Take(exchange, message.Replace("{0}", start, StringComparison.Ordinal)).Outcome);
        Assert.False(exchange.IsProven);
    }

    [Fact]
    public void A_short_proof_and_one_of_zeros_prove_nothing()
    {
        foreach (var proof in new[] { "AAAA", Convert.ToBase64String(new byte[32]), Convert.ToBase64String(new byte[64]) })
        {
            var (exchange, serverFirst) = Begin(new ScramTestClient("user", "pencil"));
            Assert.Equal(SaslOutcome.Decide, Take(exchange, $"c=biws,{serverFirst.Split(',')[0]},p={proof}").Outcome);
            Assert.False(exchange.IsProven);
        }
    }

    [Fact]
    public void The_last_response_is_empty()
    {
        var client = new ScramTestClient("user", "pencil");
        var (exchange, serverFirst) = Begin(client);
        Assert.Equal(SaslOutcome.Challenge, Take(exchange, client.Final(serverFirst)).Outcome);
        Assert.Equal(SaslOutcome.Malformed, Take(exchange, "x").Outcome);
    }

    [Fact]
    public void Whatever_octets_come_nothing_but_an_outcome_follows() =>
        Gen.Byte.Array[0, 200].Sample(octets =>
        {
            Assert.NotEqual(SaslOutcome.Challenge, new ScramExchange().Take(octets).Outcome);
            var (exchange, _) = Begin(new ScramTestClient("user", "pencil"));
            exchange.Take(octets);
            Assert.False(exchange.IsProven);
            new PlainExchange().Take(octets);
            new LoginExchange().Take(octets);
            new ExternalExchange("x").Take(octets);
        });

    private static (ScramExchange Exchange, string ServerFirst) Begin(ScramTestClient client, string nonce = Nonce)
    {
        var exchange = new ScramExchange();
        Assert.Equal(SaslOutcome.FindVerifier, Take(exchange, client.First).Outcome);
        return (exchange, Encoding.ASCII.GetString(exchange.ServerFirst(Verifier, nonce)));
    }

    private static SaslStep Take(ScramExchange exchange, string message) => exchange.Take(Encoding.UTF8.GetBytes(message));
}
