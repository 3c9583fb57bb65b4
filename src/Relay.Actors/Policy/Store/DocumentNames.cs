namespace Relay.Actors.Policy.Store;

/// <summary>The names of the actors of one shared document, the same on every node.</summary>
/// <param name="Store">The singleton that decides on changes.</param>
/// <param name="Keeper">The actor on each node that keeps the document.</param>
public sealed record DocumentNames(string Store, string Keeper)
{
    /// <summary>The policy.</summary>
    public static readonly DocumentNames Policy = new("policy-store", "policy-keeper");

    /// <summary>Who may log in.</summary>
    public static readonly DocumentNames Users = new("user-store", "user-keeper");

    /// <summary>Where the store's proxies look for it.</summary>
    public string StorePath => $"/user/{Store}";
}
