using System.Globalization;
using Relay.Node.Settings;
using Relay.Policy.Decisions;
using Relay.Policy.Documents;
using Relay.Smtp.Addresses;

namespace Relay.Node.Recipients;

/// <summary>Reads the lists that a policy document names, for what is wrong with them.</summary>
/// <param name="Errors">Of all lists, each at the first entry of the document that names it.</param>
/// <param name="Warnings">Lines for domains that their list is never asked about.</param>
internal sealed record RecipientListFindings(IReadOnlyList<PolicyError> Errors, IReadOnlyList<PolicyError> Warnings)
{
    /// <summary>Lines that are warned of in one list; of more their number is told. Default 20.</summary>
    public const int WarningsMax = 20;

    /// <summary>Reads all lists of a document.</summary>
    /// <param name="document">A valid document.</param>
    /// <param name="folder">Where relative paths begin: the document's folder.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public static async Task<RecipientListFindings> OfAsync(PolicyDocument document, string folder, CancellationToken cancellation)
    {
        var errors = new List<PolicyError>();
        var warnings = new List<PolicyError>();
        var policy = PolicySnapshot.Compile(document, version: 1);
        foreach (var rule in document.Recipients.Where(static rule => rule.File is not null).DistinctBy(static rule => rule.File, StringComparer.Ordinal))
        {
            var strays = new StrayEntries(policy, rule.File!);
            var reading = await RecipientFile.ReadAsync(rule.File!, Path.GetFullPath(rule.File!, folder), cancellation, strays.Look).ConfigureAwait(false);
            var key = $"recipients[\"{rule.Pattern}\"]";
            errors.AddRange(reading.Problems.Select(problem => new PolicyError(key, rule.Line, problem)));
            if (reading.List is { } list && strays.Count == list.Count)
            {
                errors.Add(new PolicyError(key, rule.Line, $"{ShownText.Clean(rule.File!)}: names nobody in the domains that it is asked about: every recipient would be refused"));
            }

            warnings.AddRange(strays.Warnings().Select(warning => new PolicyError(key, rule.Line, warning)));
        }

        return new RecipientListFindings(errors, warnings);
    }

    /// <summary>Entries of one list for domains whose recipients the policy does not look up there.</summary>
    private sealed class StrayEntries(PolicySnapshot policy, string file)
    {
        private readonly List<(int Line, MailDomain Domain)> _first = [];

        /// <summary>How many.</summary>
        public int Count { get; private set; }

        public void Look(int line, MailDomain domain)
        {
            if (MailPath.TryParse($"x@{domain.Name}", out var any) && policy.CheckFor(any)?.File == file)
            {
                return;
            }

            Count++;
            if (_first.Count < WarningsMax)
            {
                _first.Add((line, domain));
            }
        }

        public IEnumerable<string> Warnings()
        {
            var shown = ShownText.Clean(file);
            foreach (var (line, domain) in _first)
            {
                yield return string.Create(
                    CultureInfo.InvariantCulture, $"{shown}:{line}: this list is never asked about {domain}: no entry of recipients for it names the list");
            }

            if (Count > _first.Count)
            {
                yield return string.Create(CultureInfo.InvariantCulture, $"{shown}: {Count - _first.Count} more lines like these");
            }
        }
    }
}
