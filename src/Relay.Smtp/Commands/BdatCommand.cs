namespace Relay.Smtp.Commands;

/// <summary>The argument of BDAT: <c>size [LAST]</c> (RFC 3030 section 2).</summary>
internal static class BdatCommand
{
    /// <summary>Parses the argument. When it fails, nobody knows where the chunk ends: the connection cannot go on.</summary>
    /// <param name="argument">What follows the verb.</param>
    /// <param name="size">Octets of the chunk.</param>
    /// <param name="isLast">LAST was given.</param>
    public static bool TryParse(ReadOnlySpan<char> argument, out long size, out bool isLast)
    {
        var space = argument.IndexOf(' ');
        var digits = space < 0 ? argument : argument[..space];
        isLast = space >= 0;
        size = 0;
        return !digits.IsEmpty
            && !digits.ContainsAnyExceptInRange('0', '9')
            && long.TryParse(digits, out size)
            && (!isLast || argument[(space + 1)..].Equals("LAST", StringComparison.OrdinalIgnoreCase));
    }
}
