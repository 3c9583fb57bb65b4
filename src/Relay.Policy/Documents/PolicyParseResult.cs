namespace Relay.Policy.Documents;

/// <summary>What came of parsing a policy document: the document, or at least one error.</summary>
/// <param name="Document">The document; null exactly when there are errors.</param>
/// <param name="Errors">What is wrong, in the order of the document; at most <see cref="PolicyParser.ErrorsMax"/> and one that says more
/// were left out.</param>
/// <param name="Warnings">What is valid but likely not meant. Never stops anything.</param>
public sealed record PolicyParseResult(
    PolicyDocument? Document,
    IReadOnlyList<PolicyError> Errors,
    IReadOnlyList<PolicyError> Warnings);
