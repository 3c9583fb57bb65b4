using System.Net;
using System.Text;
using Relay.Policy.Decisions;
using Relay.Policy.Documents;
using Relay.Smtp.Addresses;

namespace Relay.Policy.Tests;

/// <summary>Short forms for what every test here needs.</summary>
internal static class TestPolicies
{
    public static PolicyParseResult Parse(string json) => PolicyParser.Parse(Encoding.UTF8.GetBytes(json));

    /// <summary>The document of a text that must be valid.</summary>
    public static PolicyDocument Document(string json)
    {
        var result = Parse(json);
        Assert.True(result.Document is not null, string.Join('\n', result.Errors));
        Assert.Empty(result.Errors);
        return result.Document;
    }

    public static PolicySnapshot Compile(string json) => PolicySnapshot.Compile(Document(json), version: 7);

    public static MailPath Path(string text)
    {
        Assert.True(MailPath.TryParse(text, out var path), text);
        return path;
    }

    public static MailDomain Domain(string text)
    {
        Assert.True(MailDomain.TryParse(text, out var domain), text);
        return domain;
    }

    public static ClientFacts Client(string address, string listener = "public", string? user = null) =>
        new(IPAddress.Parse(address), listener, user);

    public static Verdict Decide(this PolicySnapshot policy, ClientFacts client, string recipient) =>
        policy.DecideRecipient(client, MailPath.Null, Path(recipient));
}
