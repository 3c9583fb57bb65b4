using System.Net;
using System.Text;
using CsCheck;
using Relay.Smtp.Addresses;
using Relay.Smtp.Content;

namespace Relay.Smtp.Tests.Content;

public sealed class TraceHeaderTests
{
    private static readonly DateTimeOffset At = new(2026, 3, 1, 1, 2, 3, TimeSpan.FromHours(2));

    private static readonly TraceFacts Facts =
        new("client.test", IPAddress.Parse("192.0.2.1"), "mx.relay.test", "ESMTP", "0123456789abcdefghjkmnpqrs", null, At);

    private static readonly Gen<string> AnyText = Gen.OneOf(Gen.Char['\0', '\x7f'], Gen.Char['\0', '\uffff'])
        .Array[0, 40].Select(characters => new string(characters));

    private static string Write(TraceFacts facts)
    {
        Span<byte> output = stackalloc byte[TraceHeader.OctetsMax];
        var length = TraceHeader.Write(facts, output);
        return Encoding.UTF8.GetString(output[..length]);
    }

    private static MailPath Path(string text)
    {
        Assert.True(MailPath.TryParse(text, out var path), text);
        return path!;
    }

    [Fact]
    public void Under_TLS_the_suite_is_told_behind_the_recipient() =>
        Assert.Equal(
            "Received: from client.test ([192.0.2.1])\r\n"
            + "\tby mx.relay.test with ESMTPS id 0123456789abcdefghjkmnpqrs\r\n"
            + "\tfor <a@b.test>\r\n"
            + "\ttls TLS_AES_256_GCM_SHA384;\r\n"
            + "\tSat, 28 Feb 2026 23:02:03 +0000\r\n",
            Write(Facts with { Protocol = "ESMTPS", OnlyRecipient = Path("a@b.test"), CipherSuite = "TLS_AES_256_GCM_SHA384" }));

    [Fact]
    public void A_field_tells_from_by_with_id_for_and_date_in_utc() =>
        Assert.Equal(
            "Received: from client.test ([192.0.2.1])\r\n"
            + "\tby mx.relay.test with ESMTP id 0123456789abcdefghjkmnpqrs\r\n"
            + "\tfor <a@b.test>;\r\n"
            + "\tSat, 28 Feb 2026 23:02:03 +0000\r\n",
            Write(Facts with { OnlyRecipient = Path("a@b.test") }));

    [Fact]
    public void Without_a_single_recipient_there_is_no_for() =>
        Assert.Equal(
            "Received: from client.test ([192.0.2.1])\r\n"
            + "\tby mx.relay.test with ESMTP id 0123456789abcdefghjkmnpqrs;\r\n"
            + "\tSat, 28 Feb 2026 23:02:03 +0000\r\n",
            Write(Facts));

    [Theory]
    [InlineData("192.0.2.1", "([192.0.2.1])")]
    [InlineData("::ffff:192.0.2.1", "([192.0.2.1])")]
    [InlineData("2001:db8::1", "([IPv6:2001:db8::1])")]
    [InlineData("fe80::1%3", "([IPv6:fe80::1])")]
    public void The_client_address_is_a_literal(string address, string comment) =>
        Assert.StartsWith(
            $"Received: from client.test {comment}\r\n",
            Write(Facts with { ClientAddress = IPAddress.Parse(address) }),
            StringComparison.Ordinal);

    [Fact]
    public void A_proven_name_stands_before_the_address()
    {
        Assert.StartsWith(
            "Received: from client.test (host_1.isp.test [192.0.2.1])\r\n\tby ",
            Write(Facts with { ClientName = Path("a@Host_1.ISP.test").Domain }),
            StringComparison.Ordinal);
        Assert.StartsWith(
            "Received: from client.test (xn--bcher-kva.test [IPv6:2001:db8::1])\r\n",
            Write(Facts with { ClientName = Path("a@bücher.test").Domain, ClientAddress = IPAddress.Parse("2001:db8::1") }),
            StringComparison.Ordinal);
    }

    [Fact]
    public void An_address_literal_is_no_proven_name() =>
        Assert.StartsWith(
            "Received: from client.test ([192.0.2.1])\r\n", Write(Facts with { ClientName = Path("a@[192.0.2.9]").Domain }), StringComparison.Ordinal);

    [Fact]
    public void The_longest_names_fit()
    {
        var longest = string.Join('.', Enumerable.Repeat(new string('a', 61), 4));
        var field = Write(Facts with { HeloName = new string('h', 5000), HostName = new string('b', 255), ClientName = Path($"a@{longest}").Domain });
        Assert.Contains($"\r\n\t({longest}\r\n\t[192.0.2.1])\r\n", field, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "unknown")]
    [InlineData("", "unknown")]
    [InlineData("[192.0.2.9]", "[192.0.2.9]")]
    [InlineData("[IPv6:2001:db8::9]", "[IPv6:2001:db8::9]")]
    [InlineData("[x y]", "?x?y?")]
    [InlineData("a]b", "a?b")]
    [InlineData("a b", "a?b")]
    [InlineData("a\r\nX-Evil: 1", "a??X-Evil??1")]
    [InlineData("a\0b", "a?b")]
    [InlineData("x (trusted [10.0.0.1])", "x??trusted??10.0.0.1??")]
    [InlineData("a;b,c\"d\\e", "a?b?c?d?e")]
    [InlineData("bücher", "b?cher")]
    [InlineData("a<b>@c", "a?b??c")]
    public void The_helo_name_is_made_harmless(string? helo, string written) =>
        Assert.StartsWith($"Received: from {written} ([192.0.2.1])\r\n", Write(Facts with { HeloName = helo }), StringComparison.Ordinal);

    [Theory]
    [InlineData("\"a (b) <c>\"@b.test", "ESMTP", true)]
    [InlineData("postmaster", "ESMTP", true)]
    [InlineData("жук@b.test", "UTF8SMTPS", true)]
    [InlineData("жук@b.test", "ESMTPS", false)]
    [InlineData("", "ESMTP", false)]
    public void For_is_written_when_the_path_can_stand_in_this_header(string path, string protocol, bool isWritten) =>
        Assert.Equal(
            isWritten,
            Write(Facts with { OnlyRecipient = Path(path), Protocol = protocol }).Contains($"\tfor <{path}>;\r\n", StringComparison.Ordinal));

    [Fact]
    public void A_long_name_is_cut_and_lines_are_folded()
    {
        var field = Write(Facts with { HeloName = new string('a', 5000), HostName = new string('b', 100) });
        Assert.StartsWith($"Received: from\r\n\t{new string('a', 255)}\r\n\t([192.0.2.1])\r\n\tby\r\n", field, StringComparison.Ordinal);
        Assert.Contains($"\r\n\t{new string('b', 100)}\r\n\twith ESMTP id ", field, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, false, false, false, "SMTP")]
    [InlineData(false, false, true, true, "SMTP")]
    [InlineData(true, false, false, false, "ESMTP")]
    [InlineData(true, false, false, true, "ESMTPA")]
    [InlineData(true, false, true, false, "ESMTPS")]
    [InlineData(true, false, true, true, "ESMTPSA")]
    [InlineData(true, true, false, false, "UTF8SMTP")]
    [InlineData(true, true, false, true, "UTF8SMTPA")]
    [InlineData(true, true, true, false, "UTF8SMTPS")]
    [InlineData(true, true, true, true, "UTF8SMTPSA")]
    public void The_protocol_has_its_registered_name(bool isExtended, bool isUtf8, bool isTls, bool isAuthenticated, string name) =>
        Assert.Equal(name, TraceHeader.ProtocolName(isExtended, isUtf8, isTls, isAuthenticated));

    [Fact]
    public void No_name_can_break_out_of_the_field() =>
        Gen.Select(AnyText, AnyText, AnyText, AnyText).Sample(
            (helo, host, protocol, id) =>
            {
                var field = Write(Facts with { HeloName = helo, HostName = host, Protocol = protocol, MessageId = id });
                Assert.EndsWith("\r\n", field, StringComparison.Ordinal);
                var lines = field[..^2].Split("\r\n");
                Assert.StartsWith("Received: from", lines[0], StringComparison.Ordinal);
                Assert.All(lines[1..], line => Assert.StartsWith("\t", line, StringComparison.Ordinal));
                Assert.All(lines, line => Assert.InRange(line.Length, 2, 998));
                Assert.DoesNotContain(field.Replace("\r\n\t", " ", StringComparison.Ordinal)[..^2], character => character is < ' ' or > '~');
                Assert.Equal(1, field.Count(character => character == '('));
                Assert.Equal(1, field.Count(character => character == ';'));
            });
}
