namespace Relay.Actors.Metrics;

/// <summary>What an attempt to log in ended with.</summary>
public enum LoginResult
{
    /// <summary>235.</summary>
    Succeeded,

    /// <summary>535: an unknown user, a wrong password or proof.</summary>
    Failed,

    /// <summary>421: too many failures before it, and not looked at.</summary>
    Limited,

    /// <summary>454: too many passwords to be checked at once.</summary>
    Unavailable,
}

/// <summary>The names of <see cref="LoginResult"/>s in metrics.</summary>
internal static class LoginResults
{
    /// <summary>The label's value.</summary>
    public static string NameOf(LoginResult result) => result switch
    {
        LoginResult.Succeeded => "succeeded",
        LoginResult.Failed => "failed",
        LoginResult.Limited => "limited",
        _ => "unavailable",
    };
}
