using System.Diagnostics.CodeAnalysis;
using Relay.Smtp.Addresses;

namespace Relay.Policy.Values;

/// <summary>Domain names as policy takes them: what <see cref="MailDomain"/> takes, but no address literals.</summary>
internal static class DomainName
{
    /// <summary>Reads a domain name. Numbers that a resolver may read as an address, such as <c>10.1</c>, are none.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out MailDomain? domain)
    {
        if (MailDomain.TryParse(text, out domain) && domain.Literal is null)
        {
            return true;
        }

        domain = null;
        return false;
    }
}
