using Relay.Smtp.Addresses;

namespace Relay.Smtp.Content;

/// <summary>What the From fields of a message can be read to name.</summary>
/// <param name="Domains">Every domain, each once.</param>
/// <param name="HoldsUnclear">True when a domain outside ASCII is named too that cannot be told: one that needs more mapping than case, or
/// octets in a charset that is not read. It may be any internationalized domain, and none in ASCII.</param>
public sealed record FromNames(IReadOnlyCollection<MailDomain> Domains, bool HoldsUnclear = false)
{
    /// <summary>Every address, each once: of a name behind an <c>@</c> whose local part cannot be told the local part is <c>""</c>.</summary>
    public IReadOnlyCollection<MailPath> Addresses { get; init; } = [];
}
