using System.Globalization;
using Relay.Node.Recipients;
using Relay.Node.Settings;
using Relay.Policy.Documents;

namespace Relay.Node.CommandLine;

/// <summary>A policy document in a file, parsed.</summary>
/// <param name="Name">The file as the user named it.</param>
/// <param name="Text">Its octets.</param>
/// <param name="Parsed">The document, or what is wrong with it.</param>
internal sealed record PolicyFile(string Name, ReadOnlyMemory<byte> Text, PolicyParseResult Parsed)
{
    /// <summary>Reads and parses a document.</summary>
    /// <exception cref="CommandException">The file cannot be read.</exception>
    public static async Task<PolicyFile> ReadAsync(string named, string directory, CancellationToken cancellationToken)
    {
        var name = ShownText.Clean(named);
        var (bytes, problem) = await BoundedFile.TryReadAsync(PathOf(named, directory), PolicyParser.SizeMax, cancellationToken);
        return bytes is not null ? new PolicyFile(name, bytes, PolicyParser.Parse(bytes)) : throw new CommandException($"{name}: {problem}");
    }

    /// <summary>Where a document is: relative paths are relative to the directory.</summary>
    public static string PathOf(string named, string directory) => Path.GetFullPath(named, directory);

    /// <summary>The same, with what is wrong with the lists of recipients that a valid document names.</summary>
    /// <param name="path">Where the document is: the paths in it are relative to its folder.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<PolicyFile> WithListsAsync(string path, CancellationToken cancellationToken)
    {
        if (Parsed.Document is not { } document)
        {
            return this;
        }

        var lists = await RecipientListFindings.OfAsync(document, Path.GetDirectoryName(path) ?? path, cancellationToken);
        return this with
        {
            Parsed = new PolicyParseResult(
                lists.Errors.Count == 0 ? document : null, lists.Errors, [.. Parsed.Warnings, .. lists.Warnings]),
        };
    }

    /// <summary>Errors and warnings, one a line: <c>file:line: key: message</c>.</summary>
    public async Task WriteFindingsAsync(TextWriter output)
    {
        foreach (var error in Parsed.Errors)
        {
            await output.WriteLineAsync(Show(error));
        }

        foreach (var warning in Parsed.Warnings)
        {
            await output.WriteLineAsync(Show(warning, "warning: "));
        }
    }

    /// <summary>The result in a few words.</summary>
    public string Summarise()
    {
        var warnings = Parsed.Warnings.Count > 0 ? $", {Count(Parsed.Warnings.Count, "warning")}" : "";
        return (Parsed.Errors.Count == 0 ? "valid" : Count(Parsed.Errors.Count, "error")) + warnings;
    }

    /// <summary>A finding on one line.</summary>
    /// <param name="finding">The error or warning.</param>
    /// <param name="kind">What stands before the message: empty for errors.</param>
    public string Show(PolicyError finding, string kind = "") => Show(Name, finding, kind);

    /// <summary>A finding in a document of some name on one line.</summary>
    public static string Show(string name, PolicyError finding, string kind = "") => ShownText.Clean(
        string.Create(CultureInfo.InvariantCulture, $"{name}:{finding.Line}: {finding.Key}: {kind}{finding.Message}"));

    private static string Count(int count, string noun) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {noun}{(count == 1 ? "" : "s")}");
}
