using System.Text;
using Relay.Policy.Decisions;
using Relay.Policy.Documents;
using Relay.Policy.Values;
using static Relay.Policy.Tests.TestPolicies;

namespace Relay.Policy.Tests.Documents;

public sealed class PolicyParserTests
{
    [Fact]
    public void Empty_document_has_the_defaults()
    {
        var document = Document("{}");
        Assert.Empty(document.AcceptedDomains);
        Assert.Null(document.Postmaster);
        Assert.Empty(document.Relay.Networks);
        Assert.Empty(document.Relay.Listeners);
        Assert.Empty(document.Relay.Never);
        Assert.Empty(document.Routes);
        Assert.Equal(10_000, document.Connections.Total);
        Assert.Equal(20, document.Connections.PerClient);
        Assert.Equal(200, document.Connections.PerNetwork);
        Assert.Equal("600/min", document.Connections.RatePerClient.ToString());
        Assert.Equal(20, document.Delivery.ConnectionsPerDestination);
        Assert.Equal("5m, 15m, 30m, 1h*4, 4h", document.Delivery.Retry.ToString());
        Assert.Empty(document.Delivery.NextHopNetworks);
        Assert.Equal(36_700_160, document.Message.SizeMax);
        Assert.Equal(1_000, document.Message.RecipientsMax);
        Assert.Equal(100, document.Message.HopsMax);
    }

    [Fact]
    public void Every_key_in_force_is_read()
    {
        var document = Document("""
            {
              // whose mail we take
              "acceptedDomains": ["relay.example", ".relay.example"], /* two patterns */
              "postmaster": "admin@relay.example",
              "relay": { "networks": ["10.0.0.0/8"], "listeners": ["internal"], "never": ["10.66.0.0/16"] },
              "routes": [ { "domain": "relay.example", "to": "smtp://mail.internal:2525" },
                          { "domain": "*", "to": "smtp://[2001:db8::1]" } ],
              "connections": { "total": 1, "perClient": 2, "perNetwork": 3, "ratePerClient": "4/s" },
              "delivery": { "connectionsPerDestination": 5, "retry": "1m", "nextHopNetworks": ["127.0.0.0/8"] },
              "message": { "size": "1 MiB", "recipients": 100, "hops": 7, },
            }
            """);
        Assert.Equal(["relay.example", ".relay.example"], document.AcceptedDomains.Select(pattern => pattern.ToString()));
        Assert.Equal("admin@relay.example", document.Postmaster?.Text);
        Assert.Equal(["10.0.0.0/8"], document.Relay.Networks.Select(range => range.ToString()));
        Assert.Equal([new ListenerReference("internal", "relay.listeners[0]", 5)], document.Relay.Listeners);
        Assert.Equal(["10.66.0.0/16"], document.Relay.Never.Select(range => range.ToString()));
        Assert.Equal(
            [
                new Route("relay.example", new RouteTarget("smtp", "mail.internal", 2525)),
                new Route("*", new RouteTarget("smtp", "2001:db8::1", 25)),
            ],
            document.Routes);
        var rate = new Rate(4, TimeSpan.FromSeconds(1));
        Assert.Equal(new ConnectionLimits { Total = 1, PerClient = 2, PerNetwork = 3, RatePerClient = rate }, document.Connections);
        Assert.Equal(5, document.Delivery.ConnectionsPerDestination);
        Assert.Equal("1m", document.Delivery.Retry.ToString());
        Assert.Equal(["127.0.0.0/8"], document.Delivery.NextHopNetworks.Select(range => range.ToString()));
        Assert.Equal((1L << 20, 100, 7), (document.Message.SizeMax, document.Message.RecipientsMax, document.Message.HopsMax));
    }

    [Theory]
    [InlineData(64, 0, true)]
    [InlineData(65, 0, false)]
    [InlineData(223, 0, false)]
    [InlineData(60, 4, true)]
    [InlineData(60, 5, false)]
    public void Networks_that_together_hold_a_quarter_of_IPv4_are_the_most(int wide, int carried, bool isTaken)
    {
        // From 11.0.0.0/8 on, without the private 127.0.0.0/8; what lies in another counts once.
        var networks = Enumerable.Range(11, 240).Where(first => first != 127).Take(wide).Select(first => $"\"{first}.0.0.0/8\"")
            .Concat(Enumerable.Range(11, carried).Select(first => $"\"64:ff9b::{first:x}00:0/104\""))
            .Concat(["\"11.0.0.0/8\"", "\"11.12.0.0/16\"", "\"10.0.0.0/8\"", "\"2001:db8::/32\""]);
        var result = Parse($"{{ \"relay\":\n{{ \"networks\": [{string.Join(", ", networks)}] }} }}");

        if (isTaken)
        {
            Assert.Empty(result.Errors);
            return;
        }

        var error = Assert.Single(result.Errors);
        Assert.Equal(("relay.networks", 2), (error.Key, error.Line));
        Assert.StartsWith($"these networks would make this an open relay: together they hold {wide + carried} of IPv4's 256 /8s", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(64, "", true)]
    [InlineData(64, "\"2100:5::/32\", \"fd00::/8\", \"11.0.0.0/8\"", true)]
    [InlineData(65, "", false)]
    [InlineData(64, "\"2600::1\"", false)]
    public void Networks_that_together_hold_64_of_the_widest_of_IPv6_are_the_most(int wide, string more, bool isTaken)
    {
        var networks = Enumerable.Range(0x2100, wide).Select(first => $"\"{first:x}::/16\"").Append(more).Where(text => text.Length > 0);
        var result = Parse($"{{ \"relay\":\n{{ \"networks\": [{string.Join(", ", networks)}] }} }}");

        if (isTaken)
        {
            Assert.Empty(result.Errors);
            return;
        }

        var error = Assert.Single(result.Errors);
        Assert.Equal(
            ("relay.networks", 2, "these networks would make this an open relay: together they hold 65 /16s of IPv6, and more than 64 are not taken"),
            (error.Key, error.Line, error.Message));
    }

    [Theory]
    [InlineData("Alice", "users are kept in lower case, so write \"alice\"")]
    [InlineData("-alice", "can be no user")]
    [InlineData("al ice", "can be no user")]
    [InlineData("\u00e4lice", "can be no user")]
    [InlineData("", "can be no user")]
    [InlineData("**", "can be no user")]
    public void User_who_could_never_log_in_is_an_error(string name, string message)
    {
        var error = Assert.Single(Parse($$"""{ "senders": { "identities": { "{{name}}": ["a.example"] } } }""").Errors);
        Assert.StartsWith("senders.identities[", error.Key, StringComparison.Ordinal);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Empty(Parse("""{ "senders": { "identities": { "a.b-c_d+e@f1": ["a.example"], "*": ["b.example"] } } }""").Errors);
    }

    [Theory]
    [InlineData("""{ "acceptedDomains": "relay.example" }""", "acceptedDomains", "expected a list, found the text \"relay.example\"")]
    [InlineData("""{ "acceptedDomains": [1] }""", "acceptedDomains[0]", "expected text, found a number")]
    [InlineData("""{ "acceptedDomains": ["*"] }""", "acceptedDomains[0]", "is not a domain")]
    [InlineData("""{ "acceptedDomains": ["relay.example", "a b"] }""", "acceptedDomains[1]", "is not a domain")]
    [InlineData("""{ "acceptedDomains": null }""", "acceptedDomains", "expected a list, found null")]
    [InlineData("""{ "acceptedDomain": [] }""", "acceptedDomain", "did you mean \"acceptedDomains\"?")]
    [InlineData("""{ "networks": [] }""", "networks", "did you mean relay.networks?")]
    [InlineData("""{ "to": "x" }""", "to", "did you mean routes[].to?")]
    [InlineData("""{ "relay": { "routes": [] } }""", "relay.routes", "did you mean routes?")]
    [InlineData("""{ "colour": 1 }""", "colour", "the keys here are acceptedDomains, recipients, calloutTrouble, postmaster")]
    [InlineData("""{ "": 1 }""", "[\"\"]", "unknown key")]
    [InlineData("""{ "a.b": 1 }""", "[\"a.b\"]", "unknown key")]
    [InlineData("""{ "a\nb": 1 }""", "[\"a\\u000ab\"]", "unknown key")]
    [InlineData("""{ "Relay": {} }""", "Relay", "did you mean \"relay\"?")]
    [InlineData("""{ "relay": [] }""", "relay", "expected an object, found a list")]
    [InlineData("""{ "relay": true }""", "relay", "expected an object, found true or false")]
    [InlineData("""{ "relay": { "network": ["10.0.0.0/8"] } }""", "relay.network", "did you mean \"networks\"?")]
    [InlineData("""{ "relay": { "networks": ["10/8"] } }""", "relay.networks[0]", "is not a network")]
    [InlineData("""{ "relay": { "networks": ["010.0.0.0/8"] } }""", "relay.networks[0]", "is not a network")]
    [InlineData("""{ "relay": { "networks": ["10.0.0.1/8"] } }""", "relay.networks[0]", "write 10.0.0.0/8")]
    [InlineData("""{ "relay": { "networks": ["0.0.0.0/0"] } }""", "relay.networks[0]", "would make this an open relay")]
    [InlineData("""{ "relay": { "networks": ["::/0"] } }""", "relay.networks[0]", "would make this an open relay")]
    [InlineData("""{ "relay": { "networks": ["::ffff:0:0/96"] } }""", "relay.networks[0]", "would make this an open relay")]
    [InlineData("""{ "relay": { "networks": ["128.0.0.0/1"] } }""", "relay.networks[0]", "would make this an open relay")]
    [InlineData("""{ "relay": { "networks": ["2000::/3"] } }""", "relay.networks[0]", "would make this an open relay")]
    [InlineData("""{ "relay": { "networks": ["64:ff9b::/96"] } }""", "relay.networks[0]", "carries IPv4 networks wider than /8")]
    [InlineData("""{ "relay": { "networks": ["64:ff9b::/103"] } }""", "relay.networks[0]", "carries IPv4 networks wider than /8")]
    [InlineData("""{ "relay": { "networks": ["64:ff9b::/32"] } }""", "relay.networks[0]", "would make this an open relay")]
    [InlineData("""{ "relay": { "networks": ["64:ff9b:1::/48"] } }""", "relay.networks[0]", "would make this an open relay")]
    [InlineData("""{ "relay": { "networks": ["2002::/16"] } }""", "relay.networks[0]", "carries IPv4 networks wider than /8")]
    [InlineData("""{ "relay": { "networks": ["2001::/32"] } }""", "relay.networks[0]", "would make this an open relay")]
    [InlineData("""{ "relay": { "networks": ["2001::/16"] } }""", "relay.networks[0]", "would make this an open relay")]
    [InlineData("""{ "relay": { "networks": ["::/96"] } }""", "relay.networks[0]", "would make this an open relay")]
    [InlineData("""{ "relay": { "networks": ["::ffff:0:0:0/96"] } }""", "relay.networks[0]", "would make this an open relay")]
    [InlineData("""{ "relay": { "never": ["10.0.0.0"], "never": [] } }""", "relay.never", "is there twice: first on line 1")]
    [InlineData("""{ "relay": { "listeners": [""] } }""", "relay.listeners[0]", "is not the name of a listener")]
    [InlineData("""{ "postmaster": "admin" }""", "postmaster", "is not a mailbox")]
    [InlineData("""{ "postmaster": "postmaster" }""", "postmaster", "is not a mailbox")]
    [InlineData("""{ "postmaster": "" }""", "postmaster", "is not a mailbox")]
    [InlineData("""{ "postmaster": "<admin@relay.example>" }""", "postmaster", "is not a mailbox")]
    [InlineData("""{ "postmaster": "@x.example:admin@relay.example" }""", "postmaster", "is not a mailbox")]
    [InlineData("""{ "postmaster": "admin@[192.0.2.1]" }""", "postmaster", "is not a mailbox")]
    [InlineData("""{ "postmaster": "admi\u00f1@relay.example" }""", "postmaster", "is not a mailbox")]
    [InlineData("""{ "routes": [ { "to": "smtp://x.example" } ] }""", "routes[0].domain", "is missing")]
    [InlineData("""{ "routes": [ { "domain": "a.example" } ] }""", "routes[0].to", "is missing")]
    [InlineData("""{ "routes": [ { "domain": "", "to": "smtp://x.example" } ] }""", "routes[0].domain", "is not a domain")]
    [InlineData("""{ "routes": [ { "domain": "*", "to": "x.example" } ] }""", "routes[0].to", "is not a next hop")]
    [InlineData("""{ "connections": { "total": 0 } }""", "connections.total", "expected a whole number from 1 to 1000000")]
    [InlineData("""{ "connections": { "total": -1 } }""", "connections.total", "out of range")]
    [InlineData("""{ "connections": { "total": 1.5 } }""", "connections.total", "not written as a whole number: expected a whole number from 1 to 1000000")]
    [InlineData("""{ "connections": { "total": 1.0 } }""", "connections.total", "not written as a whole number")]
    [InlineData("""{ "connections": { "total": 1e3 } }""", "connections.total", "not written as a whole number")]
    [InlineData("""{ "connections": { "total": 99999999999999999999 } }""", "connections.total", "out of range")]
    [InlineData("""{ "connections": { "total": "10" } }""", "connections.total", "found the text \"10\"")]
    [InlineData("""{ "connections": { "ratePerClient": "600/m" } }""", "connections.ratePerClient", "is not a rate")]
    [InlineData("""{ "connections": { "ratePerClient": 600 } }""", "connections.ratePerClient", "expected text, found a number")]
    [InlineData("""{ "delivery": { "retry": "5" } }""", "delivery.retry", "is not a time")]
    [InlineData("""{ "delivery": { "retry": ["5m"] } }""", "delivery.retry", "expected text, found a list")]
    [InlineData("""{ "delivery": { "connectionsPerDestination": 0 } }""", "delivery.connectionsPerDestination", "out of range")]
    [InlineData("""{ "delivery": { "nextHopNetworks": ["127.0.0.1/8"] } }""", "delivery.nextHopNetworks[0]", "write 127.0.0.0/8")]
    [InlineData("""{ "message": { "size": 1023 } }""", "message.size", "out of range")]
    [InlineData("""{ "message": { "size": "3 GiB" } }""", "message.size", "out of range")]
    [InlineData("""{ "message": { "size": "35 MB" } }""", "message.size", "is not a size")]
    [InlineData("""{ "message": { "size": 1e300 } }""", "message.size", "not written as a whole number")]
    [InlineData("""{ "message": { "size": true } }""", "message.size", "expected a size from 1 KiB to 2 GiB")]
    [InlineData("""{ "message": { "hops": 0 } }""", "message.hops", "out of range")]
    [InlineData("[]", "(document)", "expected an object, found a list")]
    [InlineData("", "(document)", "the document is empty")]
    [InlineData(" \t", "(document)", "the document is empty")]
    [InlineData("{", "(document)", "the document ends in the middle")]
    [InlineData("""{ "routes": [""", "routes", "the document ends in the middle")]
    [InlineData("""{ "postmaster": "adm""", "postmaster", "the document ends in the middle")]
    [InlineData("""{ "relay": tru""", "relay", "the document ends in the middle")]
    [InlineData("""{ "relay": trx""", "relay", "is an invalid JSON literal")]
    [InlineData("null", "(document)", "expected an object, found null")]
    [InlineData("\"x\"", "(document)", "expected an object, found the text \"x\"")]
    public void Wrong_document_has_one_error_with_key_and_message(string json, string key, string message)
    {
        var result = Parse(json);
        var error = Assert.Single(result.Errors);
        Assert.Null(result.Document);
        Assert.Equal(key, error.Key);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Equal(1, error.Line);
    }

    [Fact]
    public void Every_error_is_told_with_its_line_in_order()
    {
        var result = Parse("""
            {
              "acceptedDomains": [
                "relay.example",
                "a..b"
              ],
              "relay": {
                "networks": [ "10.0.0.0/8",
                              "10/8" ],
                "nevr": []
              },
              "routes": [
                { "domain": "a.example", "to": "smtp://x.example" },
                { "domain": "A.example",
                  "to": "smtp://y.example" }
              ],
              "acceptedDomains": []
            }
            """);
        Assert.Equal(
            [("acceptedDomains[1]", 4), ("relay.networks[1]", 8), ("relay.nevr", 9), ("routes[1].domain", 13), ("acceptedDomains", 16)],
            result.Errors.Select(error => (error.Key, error.Line)));
        Assert.Contains("on line 12", result.Errors[3].Message, StringComparison.Ordinal);
        Assert.Contains("first on line 2", result.Errors[4].Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\n  \"relay\": {\n    \"networks\": [ 10.0.0.0/8 ]\n  }\n}", "relay.networks", 3)]
    [InlineData("{\r\n\"postmaster\": \"a\r\n", "postmaster", 2)]
    [InlineData("{\n/* \n\n", "(document)", 2)]
    [InlineData("{}\n\n{}", "(document)", 3)]
    [InlineData("", "(document)", 1)]
    [InlineData("\n\n", "(document)", 3)]
    [InlineData("{ \"a\" }", "(document)", 1)]
    [InlineData("{ \"relay\": { 'networks': [] } }", "relay", 1)]
    public void Text_that_is_no_JSON_is_an_error_with_its_line(string json, string key, int line)
    {
        var error = Assert.Single(Parse(json).Errors);
        Assert.Equal((key, line), (error.Key, error.Line));
        Assert.StartsWith("not valid JSON: ", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("LineNumber", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Comments_trailing_commas_and_a_byte_order_mark_are_fine() =>
        Assert.NotNull(Parse("\uFEFF// a policy\n{ /* none */ \"relay\": { \"networks\": [ \"10.0.0.0/8\", ], }, } // end").Document);

    [Fact]
    public void Lines_are_counted_behind_comments_and_a_byte_order_mark()
    {
        var error = Assert.Single(Parse("\uFEFF// a\n/* b\n c */\n{\n\"x\": 1 }").Errors);
        Assert.Equal(5, error.Line);
    }

    [Fact]
    public void Bytes_that_are_not_UTF8_are_an_error_with_their_line()
    {
        byte[] json = [.. "{ // ok\n  \"postmaster\": \"a"u8, 0xC3, 0x28, .. "\" }"u8];
        var error = Assert.Single(PolicyParser.Parse(json).Errors);
        Assert.Equal(("(document)", 2), (error.Key, error.Line));
        Assert.Contains("UTF-8", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{ \"postmaster\": \"\\ud800@relay.example\" }", "postmaster")]
    [InlineData("{ \"\\udc00\": 1 }", "(document)")]
    public void Half_of_a_surrogate_pair_is_an_error(string json, string key)
    {
        var error = Assert.Single(Parse(json).Errors);
        Assert.Equal(key, error.Key);
        Assert.Contains("surrogate", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Document_over_the_size_limit_is_not_read()
    {
        var json = Encoding.UTF8.GetBytes("{}".PadRight(PolicyParser.SizeMax + 1));
        Assert.Contains("larger than 4194304 bytes", Assert.Single(PolicyParser.Parse(json).Errors).Message, StringComparison.Ordinal);
        Assert.NotNull(PolicyParser.Parse(json.AsMemory(0, PolicyParser.SizeMax)).Document);
    }

    [Fact]
    public void Document_nested_too_deep_is_not_read()
    {
        var deepest = PolicyParser.DepthMax - 2; // within the document and its list
        Assert.DoesNotContain("nested", DeepError(deepest), StringComparison.Ordinal);
        Assert.Contains("nested deeper than 16", DeepError(deepest + 1), StringComparison.Ordinal);
        Assert.Contains("nested deeper than 16", DeepError(100_000), StringComparison.Ordinal);

        static string DeepError(int depth)
        {
            var json = "{ \"acceptedDomains\": [" + new string('[', depth) + new string(']', depth) + "] }";
            return Assert.Single(Parse(json).Errors).Message;
        }
    }

    [Fact]
    public void Document_with_too_many_values_is_not_read()
    {
        var json = "{ \"acceptedDomains\": [" + string.Concat(Enumerable.Repeat("1,", PolicyParser.ValuesMax)) + "] }";
        Assert.Contains("more than 500000 values", Assert.Single(Parse(json).Errors).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Errors_are_told_up_to_a_limit()
    {
        Assert.Equal(PolicyParser.ErrorsMax, ErrorsOf(PolicyParser.ErrorsMax).Count);
        var errors = ErrorsOf(PolicyParser.ErrorsMax + 1);
        Assert.Equal(PolicyParser.ErrorsMax + 1, errors.Count);
        Assert.Equal("there are more errors: only 100 are shown", errors[^1].Message);
        Assert.Equal(PolicyParser.ErrorsMax + 1, ErrorsOf(100_000).Count);

        static IReadOnlyList<PolicyError> ErrorsOf(int count) =>
            Parse("{ \"acceptedDomains\": [" + string.Concat(Enumerable.Repeat("1,", count)) + "] }").Errors;
    }

    [Fact]
    public void Error_shows_nothing_that_a_terminal_acts_on()
    {
        var result = Parse("{ \"postmaster\": \"\\u001b[2J\\u202e" + new string('x', 500) + "\" }");
        var message = Assert.Single(result.Errors).Message;
        Assert.DoesNotContain(message, character => char.IsControl(character) || character == '\u202e');
        Assert.Contains("\\u001b[2J\\u202e", message, StringComparison.Ordinal);
        Assert.True(message.Length < 250);
    }

    [Fact]
    public void Error_is_written_with_line_key_and_message() =>
        Assert.Equal(
            "line 1: relay: expected an object, found null", Assert.Single(Parse("{ \"relay\": null }").Errors).ToString());
}
