namespace Relay.Actors.Queues;

/// <summary>Gives equal texts that come often one string, so that each message of a sender does not keep its name anew.</summary>
/// <remarks>A fixed table whose places are overwritten: it forgets, but never grows.</remarks>
internal sealed class TextPool
{
    /// <summary>Texts remembered. 4,096; a power of two.</summary>
    public const int Places = 4096;

    private readonly string?[] _texts = new string?[Places];

    /// <summary>The text, or an equal one that was seen before.</summary>
    public string Share(string text)
    {
        ref var place = ref _texts[string.GetHashCode(text, StringComparison.Ordinal) & (Places - 1)];
        if (!string.Equals(place, text, StringComparison.Ordinal))
        {
            place = text;
        }

        return place!;
    }
}
