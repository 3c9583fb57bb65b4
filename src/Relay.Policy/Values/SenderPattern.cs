using System.Diagnostics.CodeAnalysis;
using Relay.Smtp.Addresses;

namespace Relay.Policy.Values;

/// <summary>A rule's sender: a whole address, a domain, or <c>.domain</c> for every domain below it.</summary>
/// <remarks>Compared without regard to case, the local part included (RFC 2505 section 2.7), and to quotes that need not be there.</remarks>
/// <param name="Address">The address; null for a domain.</param>
/// <param name="Domain">The domains; null for an address. Never <c>*</c>.</param>
public sealed record SenderPattern(MailPath? Address, DomainPattern? Domain)
{
    /// <summary>Reads an address, a domain or a dot and a domain.</summary>
    /// <param name="text">For example <c>bad@user.example</c>, <c>spam.example</c> or <c>.spam.example</c>.</param>
    /// <param name="value">The pattern.</param>
    /// <param name="error">What is wrong, for a person.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out SenderPattern? value, [NotNullWhen(false)] out string? error)
    {
        ArgumentNullException.ThrowIfNull(text);
        value = null;
        if (!text.Contains('@', StringComparison.Ordinal))
        {
            value = DomainPattern.TryParse(text, out var domain, out _) ? new SenderPattern(null, domain) : null;
        }
        else if (!text.StartsWith('@') && MailPath.TryParse(text, out var path) && path.Domain is not null)
        {
            value = new SenderPattern(path, null);
        }

        error = value is null ? $"{ErrorText.Quote(text)} is not a sender: write an address, a domain or .domain" : null;
        return value is not null;
    }

    /// <summary>The canonical text, the local part as it was written.</summary>
    public override string ToString() => Address is null ? Domain!.ToString() : $"{Address.LocalPart}@{Address.Domain!.Name}";
}
