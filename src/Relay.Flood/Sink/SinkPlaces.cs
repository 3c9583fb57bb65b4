namespace Relay.Flood.Sink;

/// <summary>The names of places on the command line.</summary>
public static class SinkPlaces
{
    /// <summary>All names, for messages: CONNECT, EHLO, MAIL, RCPT, DATA, DOT, AFTER-DOT.</summary>
    public const string Names = "CONNECT, EHLO, MAIL, RCPT, DATA, DOT, AFTER-DOT";

    /// <summary>Reads a place by its name in any case of letters.</summary>
    /// <param name="text">One of <see cref="Names"/>.</param>
    /// <param name="place">The place, when the result is true.</param>
    public static bool TryParse(ReadOnlySpan<char> text, out SinkPlace place)
    {
        for (var candidate = SinkPlace.Connect; candidate <= SinkPlace.AfterDot; candidate++)
        {
            if (text.Equals(NameOf(candidate), StringComparison.OrdinalIgnoreCase))
            {
                place = candidate;
                return true;
            }
        }

        place = default;
        return false;
    }

    /// <summary>The name of a place as <see cref="TryParse"/> reads it.</summary>
    public static string NameOf(SinkPlace place) => place switch
    {
        SinkPlace.Connect => "CONNECT",
        SinkPlace.Ehlo => "EHLO",
        SinkPlace.Mail => "MAIL",
        SinkPlace.Rcpt => "RCPT",
        SinkPlace.Data => "DATA",
        SinkPlace.Dot => "DOT",
        SinkPlace.AfterDot => "AFTER-DOT",
        _ => throw new ArgumentOutOfRangeException(nameof(place), place, null),
    };
}
