using System.Globalization;
using DiffPlex;
using DiffPlex.Chunkers;
using DiffPlex.Renderer;

namespace Relay.Node.CommandLine;

/// <summary>The lines by which two texts differ.</summary>
/// <param name="Unified">The difference as <c>diff -u</c> shows it; empty when there is none.</param>
/// <param name="Added">Lines that only the second text has.</param>
/// <param name="Removed">Lines that only the first text has.</param>
internal sealed record TextDifference(string Unified, int Added, int Removed)
{
    /// <summary>With more lines than this between the first and the last that differ nobody looks for what is the same among them.</summary>
    public const int SearchedLinesMax = 20_000;

    /// <summary>What becomes of the first text on its way to the second, in a few words.</summary>
    public string Summary => Added + Removed == 0
        ? "no difference"
        : string.Create(CultureInfo.InvariantCulture, $"{Added} {(Added == 1 ? "line" : "lines")} added, {Removed} removed");

    /// <summary>Compares two texts.</summary>
    /// <param name="before">The first text.</param>
    /// <param name="after">The second one.</param>
    /// <param name="beforeName">What the first one is called.</param>
    /// <param name="afterName">What the second one is called.</param>
    public static TextDifference Between(string before, string after, string beforeName, string afterName)
    {
        var old = before.Split('\n');
        var now = after.Split('\n');
        var start = old.Zip(now).TakeWhile(static pair => pair.First == pair.Second).Count();
        var end = old[start..].Reverse().Zip(now[start..].Reverse()).TakeWhile(static pair => pair.First == pair.Second).Count();
        var (removed, added) = (old.Length - start - end, now.Length - start - end);
        if (removed + added == 0)
        {
            return new TextDifference("", 0, 0);
        }

        if (removed + added > SearchedLinesMax)
        {
            var lines = old[start..^end].Select(static line => "-" + line).Concat(now[start..^end].Select(static line => "+" + line));
            return new TextDifference(
                $"--- {beforeName}\n+++ {afterName}\n@@ -{start + 1},{removed} +{start + 1},{added} @@\n{string.Join('\n', lines)}\n", added, removed);
        }

        var found = Differ.Instance.CreateDiffs(before, after, ignoreWhiteSpace: false, ignoreCase: false, LineChunker.Instance);
        return new TextDifference(
            UnidiffRenderer.GenerateUnidiff(before, after, beforeName, afterName),
            found.DiffBlocks.Sum(static block => block.InsertCountB),
            found.DiffBlocks.Sum(static block => block.DeleteCountA));
    }
}
