using System.Text;
using Relay.Smtp.Content;

namespace Relay.Smtp.Tests.Content;

/// <summary>Whatever a reader may take for the author's domain must be found: each line here is a way to write one for one reader.</summary>
public sealed class FromCollectorTests
{
    [Theory]
    [InlineData("From: boss@relay.example\r\n\r\n")]
    [InlineData("FROM:boss@RELAY.example\r\n\r\n")]
    [InlineData("from \t : <boss@relay.example>\r\n\r\n")]
    [InlineData("Subject: x\r\nFrom:\r\n boss\r\n\t@relay.example\r\n\r\n")]
    [InlineData("From: a@evil.test\r\nTo: x\r\nFrom: boss@relay.example\r\n\r\n")]
    [InlineData("no field at all\r\nFrom: boss@relay.example\r\n\r\n")]
    [InlineData(" continues nothing\r\nFrom: boss@relay.example\r\n\r\n")]
    [InlineData("From: boss@relay.example")]
    [InlineData("From: The Boss <boss@relay.example>, a@evil.test\r\n\r\n")]
    [InlineData("From: \"boss@relay.example\" <a@evil.test>\r\n\r\n")]
    [InlineData("From: a@evil.test (boss@relay.example)\r\n\r\n")]
    [InlineData("From: boss@(hidden (deep) \\) more)relay.example\r\n\r\n")]
    [InlineData("From: boss(c)@relay(c).(c)example\r\n\r\n")]
    [InlineData("From: boss @ relay . example\r\n\r\n")]
    [InlineData("From: boss@relay.example.\r\n\r\n")]
    [InlineData("From: boss@\"relay.example\"\r\n\r\n")]
    [InlineData("From: boss@re\\lay.example\r\n\r\n")]
    [InlineData("From: group: a@evil.test, <boss@relay.example>;\r\n\r\n")]
    [InlineData("From: <@evil.test,@relay.example:a@evil.test>\r\n\r\n")]
    [InlineData("From: <boss@relay.example@evil.test>\r\n\r\n")]
    [InlineData("From: boss@relay.example\0<a@evil.test>\r\n\r\n")]
    [InlineData("From: =?utf-8?q?boss=40relay.example?= <a@evil.test>\r\n\r\n")]
    [InlineData("From: =?UTF-8?B?Ym9zc0ByZWxheS5leGFtcGxl?=\r\n\r\n")]
    [InlineData("From: =?us-ascii*en?Q?boss=40rel?=\r\n =?us-ascii?q?ay.example?= <a@evil.test>\r\n\r\n")]
    [InlineData("From: \"=?utf-8?b?Ym9zc0ByZWxheS5leGFtcGxl?=\" <a@evil.test>\r\n\r\n")]
    [InlineData("From: boss@=?utf-8?q?relay?=.example\r\n\r\n")]
    [InlineData("From: =?utf-16be?b?AGIAbwBzAHMAQAByAGUAbABhAHkALgBlAHgAYQBtAHAAbABl?= <a@evil.test>\r\n\r\n")]
    [InlineData("From: boss\uff20relay\u3002example\r\n\r\n")]
    [InlineData("From:boss@relay.example\r\nFrom:x@evil.test\r\n\r\n")]
    [InlineData("From: boss@relay.example\r\n x@evil.test\r\n\r\n")]
    [InlineData("From: (never closed\r\nFrom: boss@(c)relay.example\r\n\r\n")]
    [InlineData("From: boss@relay.example\u0001x <a@evil.test>\r\n\r\n")]
    [InlineData("From: boss@re\u00adlay.ex\u200bample\r\n\r\n")]
    [InlineData("\ufeffFrom: boss@relay.example\r\n\r\n")]
    [InlineData("Subject: x\r\n\ufeff\ufefffrom : boss@relay.example\r\n\r\n")]
    [InlineData("From: boss@\U0001d42b\U0001d41e\U0001d425\U0001d41a\U0001d432.example\r\n\r\n")]
    [InlineData("From: boss@\U0001d681\U0001d5f2lay.example\r\n\r\n")]
    [InlineData("From: boss@\u24c7\u24d4lay.example\r\n\r\n")]
    [InlineData("From: =?utf-8?q?boss=40=F0=9D=90=ABelay.example?= <a@evil.test>\r\n\r\n")]
    [InlineData("From: boss@[relay.example]\r\n\r\n")]
    [InlineData("From\r\n : boss@relay.example\r\n\r\n")]
    [InlineData("Subject: x\r\nfrom \t\n\t:boss@relay.example\r\n\r\n")]
    [InlineData("From: =?utf-7?q?boss+AEA-relay.example?= <a@evil.test>\r\n\r\n")]
    [InlineData("From: =?UTF-7?Q?boss+AEAAcgBlAGwAYQB5-.example?=\r\n\r\n")]
    [InlineData("From: =?utf-8?b?Ym9zc0Byb G F5LmV4YW1wbGU=?= =?utf-8?b?Ym9zc0By ZWxheS5leGFtcGxl?=\r\n\r\n")]
    [InlineData("From: =?utf-8?b?Ym9zc0By\r\n ZWxheS5leGFtcGxl?=\r\n\r\n")]
    [InlineData("From: =?UTF-8?Q?boss=40relay=2eexample\r\n\r\n")]
    public void Domain_that_a_reader_may_see_is_found_on_any_split(string header)
    {
        var octets = Encoding.UTF8.GetBytes(header);
        for (var split = 0; split <= octets.Length; split++)
        {
            var from = new FromCollector();
            from.Scan(octets.AsSpan(0, split));
            from.Scan(octets.AsSpan(split));
            Assert.Contains("relay.example", from.FindDomains()!.Domains.Select(domain => domain.Name));
        }
    }

    [Theory]
    [InlineData("From: a@evil.test\r\n\r\nFrom: boss@relay.example\r\n")]
    [InlineData("\r\nFrom: boss@relay.example\r\n")]
    [InlineData("To: boss@relay.example\r\n\r\n")]
    [InlineData("Fro: boss@relay.example\r\nFromm: boss@relay.example\r\nX-From: boss@relay.example\r\nFr om: boss@relay.example\r\n\r\n")]
    [InlineData("From: a@evil.test\r\nReply-To: x\r\n boss@relay.example\r\n\r\n")]
    [InlineData("From: relay.example <a@evil.test>\r\n\r\n")]
    [InlineData("From: boss@relay.example.evil.test\r\n\r\n")]
    [InlineData("From: boss@xrelay.example\r\n\r\n")]
    [InlineData("From: boss@sub.relay.example\r\n\r\n")]
    [InlineData("From: =?utf-8?b?****?= <a@evil.test>\r\n\r\n")]
    [InlineData("From: =?utf-8?q <a@evil.test>\r\n\r\n")]
    [InlineData("From:\r\n\r\n")]
    [InlineData("Subject: x\r\n : boss@relay.example\r\n\r\n")]
    [InlineData("Fro\r\n m: boss@relay.example\r\n\r\n")]
    [InlineData("From: =?utf-7?q?boss+AEArelay.example?=\r\n\r\n")]
    [InlineData("")]
    public void What_no_reader_sees_as_the_author_is_not(string content)
    {
        var from = new FromCollector();
        foreach (var octet in Encoding.UTF8.GetBytes(content))
        {
            from.Scan([octet]);
        }

        Assert.DoesNotContain("relay.example", from.FindDomains()!.Domains.Select(domain => domain.Name));
    }

    [Theory]
    [InlineData("From: a@B\u00dcCHER.example\r\n\r\n")]
    [InlineData("From: a@XN--BCHER-KVA.example\r\n\r\n")]
    [InlineData("From: =?utf-8?q?a=40b=C3=BCcher.example?= <a@evil.test>\r\n\r\n")]
    [InlineData("From: =?iso-8859-1?q?a=40b=FCcher.example?= <a@evil.test>\r\n\r\n")]
    [InlineData("From: =?ISO-8859-1*de?Q?a=40B=DCCHER.example?= <a@evil.test>\r\n\r\n")]
    [InlineData("From: a@=?windows-1252?b?YvxjaGVy?=.example\r\n\r\n")]
    [InlineData("From: =?iso-8859-1?q?a=40b=C3=BCcher.example?= <a@evil.test>\r\n\r\n")]
    public void Internationalized_domain_is_found_in_any_case_and_charset_that_is_read(string header)
    {
        var names = Find(Encoding.UTF8.GetBytes(header));
        Assert.Contains("xn--bcher-kva.example", names.Domains.Select(domain => domain.Name));
    }

    [Theory]
    [InlineData("From: a@bu\u0308cher.example\r\n\r\n", true)]
    [InlineData("From: a@bu \u0308cher . example\r\n\r\n", false)]
    [InlineData("From: a@x . bu\u0308cher . example\r\n\r\n", true)]
    [InlineData("From: =?koi8-r?q?a=40b=FCcher.example?= <a@evil.test>\r\n\r\n", true)]
    [InlineData("From: =?windows-1252?q?a=40=9Aport.example?= <a@evil.test>\r\n\r\n", true)]
    [InlineData("From: =?iso-2022-jp?q?a=40=1B=24B=46=7C=1B=28B.example?= <a@evil.test>\r\n\r\n", true)]
    [InlineData("From: =?utf-8?q?a=40b=C3?= =?utf-8?q?=BCcher.example?= <a@evil.test>\r\n\r\n", true)]
    [InlineData("From: =?utf-16be?b?AGEAQABiAPwALgBlAHgAYQBtAHAAbABl?= <a@evil.test>\r\n\r\n", true)]
    [InlineData("From: =?koi8-r?q?=F0=D2=C9?= <a@evil.test>\r\n\r\n", false)]
    [InlineData("From: =?iso-8859-1?q?M=FCller=40m=FCller.test?= <a@evil.test>\r\n\r\n", false)]
    [InlineData("From: M\u00fcller <a@m\u00fcller.test>\r\n\r\n", false)]
    [InlineData("From: a@-.-, b@[x], c@1.2.3.4\r\n\r\n", false)]
    public void Domain_outside_ASCII_that_cannot_be_told_is_said_to_be_there(string header, bool isUnclear) =>
        Assert.Equal(isUnclear, Find(Encoding.UTF8.GetBytes(header)).HoldsUnclear);

    [Theory]
    [InlineData("From: Alice <alice@relay.example>\r\n\r\n", "alice@relay.example")]
    [InlineData("From: \"boss@x.example\" <alice@relay.example>\r\n\r\n", "alice@relay.example boss@x.example")]
    [InlineData("From: b\\oss@relay.example\r\n\r\n", "boss@relay.example oss@relay.example")]
    [InlineData("From: \"b\"oss@relay.example\r\n\r\n", "boss@relay.example oss@relay.example")]
    [InlineData("From: boss(x)@relay.example\r\n\r\n", "\"\"@relay.example boss@relay.example")]
    [InlineData("From: (no@one\r\n\r\n", "no@one")]
    [InlineData("From: Alice\r\n\r\n", "")]
    public void Addresses_are_found_with_their_local_parts(string header, string expected) =>
        Assert.Equal(expected, string.Join(' ', Find(Encoding.UTF8.GetBytes(header)).Addresses.Select(address => address.Text).Order(StringComparer.Ordinal)));

    [Fact]
    public void Octets_that_are_not_UTF8_are_unclear() =>
        Assert.True(Find(Encoding.Latin1.GetBytes("From: a@b\u00fccher.example\r\n\r\n")).HoldsUnclear);

    [Fact]
    public void More_than_is_kept_may_name_anyone()
    {
        var from = new FromCollector();
        from.Scan(Encoding.ASCII.GetBytes("From: " + new string('a', FromCollector.OctetsMax - 2) + "\r\n\r\n"));
        Assert.NotNull(from.FindDomains());
        var longer = new FromCollector();
        longer.Scan(Encoding.ASCII.GetBytes("From: " + new string('a', FromCollector.OctetsMax - 1) + "\r\n\r\n"));
        Assert.Null(longer.FindDomains());
    }

    [Theory]
    [InlineData("@")]
    [InlineData("@(")]
    [InlineData("=?")]
    [InlineData("=?u?q?")]
    [InlineData("@ ")]
    [InlineData("\\")]
    [InlineData("@a.")]
    public void Hostile_header_is_read_in_linear_time(string piece)
    {
        var from = new FromCollector();
        from.Scan(Encoding.ASCII.GetBytes("From:" + string.Concat(Enumerable.Repeat(piece, (FromCollector.OctetsMax - 8) / piece.Length)) + "\r\n\r\n"));
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.NotNull(from.FindDomains());
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 << 20);
    }

    private static FromNames Find(byte[] header)
    {
        var from = new FromCollector();
        from.Scan(header);
        return from.FindDomains()!;
    }
}
