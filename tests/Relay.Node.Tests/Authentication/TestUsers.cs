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
            store.Put(name, VerifierOf(password));
        }

        return new TestUsers(store, folder);
    }

    /// <summary>Reads the file again, as a node that starts does.</summary>
    public async Task ReopenAsync() => Store = await UserStore.OpenAsync(Folder, CancellationToken.None);

    public static ScramVerifier VerifierOf(string password, int iterations = ScramVerifier.IterationsMin) =>
        ScramVerifier.FromPassword(Encoding.ASCII.GetBytes(password), "0123456789abcdef"u8, iterations);

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
