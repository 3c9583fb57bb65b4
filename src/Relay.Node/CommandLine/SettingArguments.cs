namespace Relay.Node.CommandLine;

/// <summary>Takes <c>--Section:Key=value</c> out of the arguments, before the parser sees them.</summary>
/// <remarks>Settings begin with a capital and options do not, so the parser can stay strict about every option it does not know.</remarks>
internal static class SettingArguments
{
    private const string Prefix = "--";

    /// <summary>Splits the arguments into settings, in their order, and the rest. Nothing behind a lone <c>--</c> is a setting.</summary>
    /// <exception cref="CommandException">A setting has no value.</exception>
    public static (IReadOnlyList<KeyValuePair<string, string>> Settings, IReadOnlyList<string> Others) Split(
        IReadOnlyList<string> arguments)
    {
        var settings = new List<KeyValuePair<string, string>>();
        var others = new List<string>(arguments.Count);
        var isOver = false;
        foreach (var argument in arguments)
        {
            isOver |= argument == Prefix;
            if (isOver || !IsSetting(argument))
            {
                others.Add(argument);
                continue;
            }

            var equals = argument.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0)
            {
                throw new CommandException($"{argument} has no value: a setting is one word, {argument}=VALUE", ExitCodes.Usage);
            }

            settings.Add(KeyValuePair.Create(argument[Prefix.Length..equals], argument[(equals + 1)..]));
        }

        return (settings, others);
    }

    private static bool IsSetting(string argument) =>
        argument is ['-', '-', var first, ..] && char.IsAsciiLetterUpper(first);
}
