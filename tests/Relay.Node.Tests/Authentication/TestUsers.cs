using System.Text;
using Relay.Node.Authentication;
using Relay.Smtp.Authentication;

namespace Relay.Node.Tests.Authentication;

/// <summary>Users with quick verifiers, in a folder of the test's own.</summary>
internal sealed class TestUsers : IDisposable
{
    private TestUsers(UserStore store, string folder) => (Store, Folder) = (store, folder);

    public UserStore Store { get; private set; }

    public string Folder { get; }

    public string File => Path.Combine(Folder, UserStore.FileName);

    public static async Task<TestUsers> CreateAsync(params (string Name, string Password)[] users)
    {
        var folder = Directory.CreateTempSubdirectory("relay-users-").FullName;
        var store = await UserStore.OpenAsync(folder, CancellationToken.None);
        foreach (var (name, password) in users)
        {
            store.Save(store.Current.With(name, VerifierOf(password)));
        }

        return new TestUsers(store, folder);
    }

    /// <summary>Adds a user or changes one.</summary>
    /// <returns>True when it is new.</returns>
    public bool Put(string name, ScramVerifier verifier) => Edit(new UserEdit(name, verifier)) == UserEditOutcome.Added;

    /// <summary>Removes a user.</summary>
    /// <returns>False when there was none.</returns>
    public bool Remove(string name) => Edit(new UserEdit(name, null)) == UserEditOutcome.Removed;

    /// <summary>Reads the file again, as a node that starts does.</summary>
    public async Task ReopenAsync() => Store = await UserStore.OpenAsync(Folder, CancellationToken.None);

    public static ScramVerifier VerifierOf(string password, int iterations = ScramVerifier.IterationsMin) =>
        ScramVerifier.FromPassword(Encoding.ASCII.GetBytes(password), "0123456789abcdef"u8, iterations);

    /// <summary>What a client sends to set a password.</summary>
    public static Dictionary<string, object> BodyOf(string password)
    {
        var verifier = VerifierOf(password);
        return new Dictionary<string, object>
        {
            [VerifierJson.Salt] = Convert.ToBase64String(verifier.Salt.Span),
            [VerifierJson.Iterations] = verifier.Iterations,
            [VerifierJson.StoredKey] = Convert.ToBase64String(verifier.StoredKey.Span),
            [VerifierJson.ServerKey] = Convert.ToBase64String(verifier.ServerKey.Span),
        };
    }

    private UserEditOutcome Edit(UserEdit edit)
    {
        var outcome = edit.OutcomeFor(Store.Current);
        if (outcome != UserEditOutcome.NotThere)
        {
            Store.Save(edit.ApplyTo(Store.Current));
        }

        return outcome;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
