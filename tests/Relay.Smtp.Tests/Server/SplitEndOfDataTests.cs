using static Relay.Smtp.Tests.Server.DialogueScript;
using static Relay.Smtp.Tests.Server.EndOfDataTests;

namespace Relay.Smtp.Tests.Server;

/// <summary>Every sequence of <see cref="EndOfDataTests"/> cut in two at every octet: where a segment ends changes nothing.</summary>
public sealed class SplitEndOfDataTests
{
    // Said and answered before: what is cut is only what follows.
    private const string Data = @"MAIL FROM:<a@b.example>\r\nRCPT TO:<u@relay.example>\r\nDATA\r\n";

    [Theory]
    [MemberData(nameof(EndOfDataTests.Unreal), MemberType = typeof(EndOfDataTests))]
    [InlineData(@"\r\n..\r\n")]
    [InlineData(@"\r\n. \r\n")]
    [InlineData(@"\r\n.\t\r\n")]
    public void A_cut_anywhere_changes_nothing(string sequence)
    {
        AssertSame(Data, "A" + sequence + Smuggled + @"QUIT\r\n");
        AssertSame(Data, sequence + Smuggled + @"QUIT\r\n");
    }

    [Theory]
    [InlineData(@"A\r\n.\r\n")]
    [InlineData(@".\r\n")]
    [InlineData(@"A\r\r\n.\r\n")]
    public void Nor_at_a_real_end(string end) => AssertSame(Data, end + @"NOOP\r\nQUIT\r\n");

    [Theory]
    [InlineData(@"BDAT 4\r\nA\r\n.BDAT 8 LAST\r\n\r\n.\r\nX\r\nQUIT\r\n")]
    [InlineData(@"BDAT 2\r\nA\rBDAT 4 LAST\r\n\n.\r\nRSET\r\nQUIT\r\n")]
    [InlineData(@"BDAT 3\r\nA\n.BDAT 2 LAST\r\n\r\nQUIT\r\n")]
    public void Nor_in_chunks_whose_ends_lie_within_a_line_end(string chunks) =>
        AssertSame(@"MAIL FROM:<a@b.example>\r\nRCPT TO:<u@relay.example>\r\n", chunks);

    private static void AssertSame(string begin, string text)
    {
        var octets = Unescape(text);
        var whole = Run(begin, octets, octets.Length);
        Assert.EndsWith("=: close", whole, StringComparison.Ordinal);
        for (var at = 1; at < octets.Length; at++)
        {
            Assert.Equal(whole, Run(begin, octets, at));
        }
    }

    private static string Run(string begin, byte[] octets, int at)
    {
        var owner = Send(Unescape(@"EHLO x\r\n"));
        owner.Feed(Unescape(begin));
        owner.Feed(octets.AsSpan(0, at));
        owner.Feed(octets.AsSpan(at));
        return owner.ToString();
    }
}
