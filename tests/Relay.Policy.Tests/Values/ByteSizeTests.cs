using Relay.Policy.Values;

namespace Relay.Policy.Tests.Values;

public sealed class ByteSizeTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("4096", 4096)]
    [InlineData("64 KiB", 65536)]
    [InlineData("64KiB", 65536)]
    [InlineData("35 MiB", 36700160)]
    [InlineData("2 GiB", 2147483648)]
    [InlineData("1048576 GiB", 1125899906842624)]
    public void ByteSize_is_bytes_or_a_number_and_a_unit(string text, long bytes)
    {
        Assert.True(ByteSize.TryParse(text, out var value, out _));
        Assert.Equal(bytes, value.Bytes);
    }

    [Theory]
    [InlineData("")]
    [InlineData("MiB")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData("01 MiB")]
    [InlineData("1.5 MiB")]
    [InlineData("1,000")]
    [InlineData("35 MB")]
    [InlineData("35 mib")]
    [InlineData("35 M")]
    [InlineData("35  MiB")]
    [InlineData("35\tMiB")]
    [InlineData("35 MiB ")]
    [InlineData("35 ")]
    [InlineData(" 35")]
    [InlineData("1e3")]
    [InlineData("0x10")]
    [InlineData("1048577 GiB")]
    [InlineData("999999999999999999 GiB")]
    [InlineData("9999999999999999999")]
    public void ByteSize_refuses_everything_else(string text)
    {
        Assert.False(ByteSize.TryParse(text, out var value, out var error));
        Assert.Equal(default, value);
        Assert.NotEmpty(error);
    }

    [Theory]
    [InlineData("0", "0")]
    [InlineData("1023", "1023")]
    [InlineData("1024", "1 KiB")]
    [InlineData("1536 KiB", "1536 KiB")]
    [InlineData("2048 MiB", "2 GiB")]
    public void ByteSize_is_written_with_the_largest_unit_that_divides_it(string text, string expected)
    {
        Assert.True(ByteSize.TryParse(text, out var value, out _));
        Assert.Equal(expected, value.ToString());
    }
}
