using System.CommandLine.Parsing;

namespace Relay.Node.CommandLine;

/// <summary>Reads the value of an option; the error, or null when <paramref name="value"/> is it.</summary>
internal delegate string? OptionParser<T>(string text, out T value);

/// <summary>Fits our value parsers to the command line's.</summary>
internal static class Parsing
{
    /// <summary>A parser of an option that is given once.</summary>
    public static Func<ArgumentResult, T> Of<T>(OptionParser<T> parse) => result =>
    {
        if (parse(result.Tokens[^1].Value, out var value) is { } error)
        {
            result.AddError(Named(result, error));
        }

        return value;
    };

    /// <summary>A parser of an option that may be repeated.</summary>
    public static Func<ArgumentResult, IReadOnlyList<T>> EachOf<T>(OptionParser<T> parse) => result =>
    {
        var values = new List<T>(result.Tokens.Count);
        foreach (var token in result.Tokens)
        {
            if (parse(token.Value, out var value) is { } error)
            {
                result.AddError(Named(result, error));
            }

            values.Add(value);
        }

        return values;
    };

    private static string Named(ArgumentResult result, string error) =>
        result.Parent is OptionResult option ? $"{option.Option.Name}: {error}" : error;
}
