using Relay.Smtp.Content;

namespace Relay.Smtp.Tests.Content;

public sealed class PathTextTests
{
    [Theory]
    [InlineData("", true)]
    [InlineData("a@b.test", true)]
    [InlineData("жук@b.test", true)]
    [InlineData("\"a b\"@b.test", true)]
    [InlineData("\"a\\\" <b> (c)\"@b.test", true)]
    [InlineData("a@b.test\r\nRSET", false)]
    [InlineData("a\0@b.test", false)]
    [InlineData("a\u007f@b.test", false)]
    [InlineData("\"a\nb\"@b.test", false)]
    [InlineData("\"a\\\nb\"@b.test", false)]
    [InlineData("a b@b.test", false)]
    [InlineData("a> SIZE=1", false)]
    [InlineData("<a@b.test", false)]
    [InlineData("a(c)@b.test", false)]
    [InlineData("a\\@b.test", false)]
    [InlineData("\"open@b.test", false)]
    [InlineData("\"open\\", false)]
    public void A_path_that_could_end_its_line_or_its_brackets_is_not_safe(string text, bool isSafe) =>
        Assert.Equal(isSafe, PathText.IsSafe(text));
}
