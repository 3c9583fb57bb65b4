using Relay.Smtp.Addresses;

namespace Relay.Policy.Findings;

/// <summary>What DNS says of a client's name. A name counts only when it leads back to the client's address.</summary>
/// <param name="State">How much is known.</param>
/// <param name="Name">The name; null unless it is <see cref="HostNameState.Proven"/>.</param>
public sealed record HostNameFinding(HostNameState State, MailDomain? Name = null)
{
    /// <summary>Nobody asked.</summary>
    public static readonly HostNameFinding NotAsked = new(HostNameState.NotAsked);

    /// <summary>The client has no name that leads back to it.</summary>
    public static readonly HostNameFinding None = new(HostNameState.None);

    /// <summary>DNS did not answer, or said that it cannot tell.</summary>
    public static readonly HostNameFinding Trouble = new(HostNameState.Trouble);
}

/// <summary>How much is known of a client's name.</summary>
public enum HostNameState
{
    /// <summary>Nobody asked.</summary>
    NotAsked,

    /// <summary>The address has a name, and the name has the address.</summary>
    Proven,

    /// <summary>It has no such name.</summary>
    None,

    /// <summary>DNS did not answer, or said that it cannot tell.</summary>
    Trouble,
}
