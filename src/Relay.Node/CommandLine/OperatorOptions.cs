using System.CommandLine;

namespace Relay.Node.CommandLine;

/// <summary>What commands that change a running cluster have in common.</summary>
internal static class OperatorOptions
{
    /// <summary>The option that says why.</summary>
    public static Option<string?> Reason(bool isRequired) => new("--reason")
    {
        Description = $"Why, for the log and for others, on one line.{(isRequired ? "" : " [optional]")}",
        HelpName = "TEXT",
    };

    /// <summary>Ends the answer with the nodes that did it, of all there are: it is this node alone until there are others.</summary>
    /// <param name="context">Takes it.</param>
    /// <param name="isBeside">True to write it beside the answer, which is for a program.</param>
    public static Task EndAsync(CommandContext context, bool isBeside) => (isBeside ? context.Error : context.Output).WriteLineAsync("1/1 nodes");
}
