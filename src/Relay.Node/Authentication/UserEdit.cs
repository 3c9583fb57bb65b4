using Relay.Smtp.Authentication;

namespace Relay.Node.Authentication;

/// <summary>A change of one user, whatever the users are by the time it is made.</summary>
/// <param name="Name">The user's name.</param>
/// <param name="Verifier">What its password is to be checked by; null to remove it.</param>
internal sealed record UserEdit(string Name, ScramVerifier? Verifier)
{
    /// <summary>What it does to some users.</summary>
    public UserEditOutcome OutcomeFor(UserDocument users) => (Verifier, users.Users.ContainsKey(Name)) switch
    {
        (null, true) => UserEditOutcome.Removed,
        (null, false) => UserEditOutcome.NotThere,
        (_, true) => UserEditOutcome.Changed,
        _ => users.Users.Count < UserDocument.UsersMax ? UserEditOutcome.Added : UserEditOutcome.Full,
    };

    /// <summary>The users after it.</summary>
    public UserDocument ApplyTo(UserDocument users) => Verifier is { } verifier ? users.With(Name, verifier) : users.Without(Name);
}

/// <summary>What came of a change of a user.</summary>
internal enum UserEditOutcome
{
    /// <summary>There is one more.</summary>
    Added,

    /// <summary>It has another password.</summary>
    Changed,

    /// <summary>There is one less.</summary>
    Removed,

    /// <summary>There is none to remove. Nothing has changed.</summary>
    NotThere,

    /// <summary>There is no room for one more. Nothing has changed.</summary>
    Full,

    /// <summary>A node has users of its own that would be lost. Nothing has changed.</summary>
    Refused,

    /// <summary>The cluster cannot decide now. Nothing has changed.</summary>
    NotReady,

    /// <summary>Too few nodes answered: it may come into force later, or never.</summary>
    Unknown,
}
