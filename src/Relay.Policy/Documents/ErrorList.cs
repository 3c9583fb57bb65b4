using System.Globalization;

namespace Relay.Policy.Documents;

/// <summary>Collects a document's errors and warnings up to a limit: a document may have a million of them.</summary>
internal sealed class ErrorList
{
    private readonly List<PolicyError> _errors = [];
    private readonly List<PolicyError> _warnings = [];

    /// <summary>True when there are more errors than are told, so that looking for them can end.</summary>
    public bool IsFull => _errors.Count > PolicyParser.ErrorsMax;

    /// <summary>Adds an error.</summary>
    public void Add(string key, int line, string message)
    {
        if (!IsFull)
        {
            _errors.Add(new PolicyError(key, line, message));
        }
    }

    /// <summary>Adds a warning.</summary>
    public void Warn(string key, int line, string message)
    {
        if (_warnings.Count < PolicyParser.ErrorsMax)
        {
            _warnings.Add(new PolicyError(key, line, message));
        }
    }

    /// <summary>The result: the document only when there is no error; errors and warnings by line.</summary>
    public PolicyParseResult ToResult(PolicyDocument? document)
    {
        var errors = _errors.OrderBy(error => error.Line).ToList();
        if (IsFull)
        {
            var more = string.Create(CultureInfo.InvariantCulture, $"there are more errors: only {PolicyParser.ErrorsMax} are shown");
            errors[^1] = new PolicyError(KeyPath.Document, errors[^1].Line, more);
        }

        return new PolicyParseResult(errors.Count == 0 ? document : null, errors, [.. _warnings.OrderBy(warning => warning.Line)]);
    }
}
