using Relay.Node.Settings;

namespace Relay.Node.Admin;

/// <summary>Reads why an operator does something: the words go to the log, to other operators, and with a bounce to the sender.</summary>
internal static class Reasons
{
    /// <summary>Longest reason, in UTF-16 units.</summary>
    public const int LengthMax = 200;

    /// <summary>The reason of a request.</summary>
    /// <param name="text">What it says; null when it says nothing.</param>
    /// <param name="isRequired">True when there must be one.</param>
    /// <exception cref="RefusedRequestException">It lacks, is too long, or is more than a line of text.</exception>
    public static string Of(string? text, bool isRequired)
    {
        var reason = text?.Trim() ?? "";
        if (reason.Length == 0)
        {
            return isRequired ? throw new RefusedRequestException("There is no reason", "Say why: others will ask.") : "";
        }

        return reason.Length <= LengthMax && !reason.Any(ShownText.IsHarmful)
            ? reason
            : throw new RefusedRequestException("The reason is not one", $"At most {LengthMax} characters on one line.");
    }
}
