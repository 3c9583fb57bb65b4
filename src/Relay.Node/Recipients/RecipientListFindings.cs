using Relay.Policy.Documents;

namespace Relay.Node.Recipients;

/// <summary>Reads the lists that a policy document names, for what is wrong with them.</summary>
internal static class RecipientListFindings
{
    /// <summary>The errors of all lists, each at the first entry that names it.</summary>
    /// <param name="document">A valid document.</param>
    /// <param name="folder">Where relative paths begin: the document's folder.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public static async Task<IReadOnlyList<PolicyError>> OfAsync(PolicyDocument document, string folder, CancellationToken cancellation)
    {
        var errors = new List<PolicyError>();
        foreach (var rule in document.Recipients.Where(static rule => rule.File is not null).DistinctBy(static rule => rule.File, StringComparer.Ordinal))
        {
            var reading = await RecipientFile.ReadAsync(rule.File!, Path.GetFullPath(rule.File!, folder), cancellation).ConfigureAwait(false);
            errors.AddRange(reading.Problems.Select(problem => new PolicyError($"recipients[\"{rule.Pattern}\"]", rule.Line, problem)));
        }

        return errors;
    }
}
