using System.CommandLine;
using System.Globalization;
using Relay.Node.CommandLine.Api;
using Relay.Node.Settings;

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

    /// <summary>Ends the answer with the nodes that did it, of all there are, and says of the others why not.</summary>
    /// <param name="context">Takes it.</param>
    /// <param name="nodes">What became of it on each; null for one node that answered for itself.</param>
    /// <param name="isBeside">True to write it beside the answer, which is for a program.</param>
    /// <returns>The exit code: a failure unless all did it.</returns>
    public static async Task<int> EndAsync(CommandContext context, IReadOnlyList<NodeOutcome>? nodes, bool isBeside)
    {
        var (done, all) = (nodes?.Count(static node => node.Done) ?? 1, nodes?.Count ?? 1);
        var code = await TellMissingAsync(context, nodes);
        await (isBeside ? context.Error : context.Output).WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{done}/{all} nodes"));
        return code;
    }

    /// <summary>Says which nodes have no part in an answer, and why.</summary>
    /// <returns>The exit code: a failure unless all have.</returns>
    public static async Task<int> TellMissingAsync(CommandContext context, IReadOnlyList<NodeOutcome>? nodes)
    {
        var missing = nodes?.Where(static node => !node.Done).ToArray() ?? [];
        foreach (var node in missing)
        {
            await context.Error.WriteLineAsync($"{ShownText.Clean(node.Node)}: {ShownText.Clean(node.Problem ?? "did not answer")}");
        }

        return missing.Length == 0 ? ExitCodes.Done : ExitCodes.Failed;
    }
}
