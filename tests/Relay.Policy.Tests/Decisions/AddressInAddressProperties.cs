using System.Diagnostics.CodeAnalysis;
using CsCheck;
using Relay.Policy.Decisions;
using Relay.Smtp.Addresses;
using static Relay.Policy.Tests.TestPolicies;

namespace Relay.Policy.Tests.Decisions;

/// <summary>Addresses inside addresses, of which nobody made a list: what is taken from a stranger is ours by the end of its text alone.</summary>
[SuppressMessage("Naming", "CA1711", Justification = "Properties that hold for generated input.")]
public sealed class AddressInAddressProperties
{
    private const string Domain = "@relay.example";

    private static readonly PolicySnapshot Policy = Compile("""
        { "acceptedDomains": ["relay.example"], "relay": { "networks": ["10.0.0.0/8"] }, "routes": [ { "domain": "relay.example", "to": "smtp://mail.internal" } ] }
        """);

    private static readonly Gen<string> Pieces = Gen.OneOf(
            Gen.OneOf("n", "victim.example", "relay.example", "RELAY.EXAMPLE", "sub.relay.example", "[192.0.2.1]", "@", "@", "%", "!", ":", ",", "\"", "\\", "<", ">", "::",
                "(", ")", ";", ".", " ", "=", "+40", "/", "IMCEASMTP-", "SRS0=", Domain, "@victim.example", "\"@relay.example", "@victim.example:"),
            Gen.Char.Select(character => character.ToString()))
        .List[1, 9].Select(string.Concat);

    private static readonly Gen<string> Text = Gen.Select(Pieces, Gen.OneOf("", Domain, "@victim.example", "\"@relay.example"), (text, tail) => text + tail);

    [Fact]
    public void A_stranger_is_refused_or_names_an_opaque_local_part_of_ours() => Text.Sample(
        text =>
        {
            if (!MailPath.TryParse(text, out var path) || path.IsNull || !Policy.DecideRecipient(Client("198.51.100.66"), path, path).IsAccept)
            {
                return;
            }

            if (text.Equals("postmaster", StringComparison.OrdinalIgnoreCase))
            {
                return;
            }

            var sent = text.StartsWith('@') ? text[(text.IndexOf(':', StringComparison.Ordinal) + 1)..] : text;
            Assert.EndsWith(Domain, sent, StringComparison.OrdinalIgnoreCase);
            var local = sent[..^Domain.Length];
            Assert.True(local.StartsWith('"') || !local.Contains('@', StringComparison.Ordinal), text);
            // The same object is routed, and goes out as it came.
            Assert.Equal(sent, path.Text);
            Assert.Same(path, Policy.ResolveRecipient(path));
            Assert.Equal("mail.internal", Policy.FindRoute(path.Domain!)!.Target.Host);
        },
        iter: 200_000);

    [Fact]
    public void A_path_with_two_readings_is_no_path() => Pieces.Sample(
        other =>
        {
            foreach (var joint in (string[])["@victim.example@", "> <", "\0", "\r\n", ", "])
            {
                var text = $"n{joint}{other}{Domain}";
                Assert.False(MailPath.TryParse(text, out _), text);
            }
        },
        iter: 20_000);
}
