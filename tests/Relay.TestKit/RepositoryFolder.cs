namespace Relay.TestKit;

/// <summary>The top folder of the repository, for tests that read its documents and sources.</summary>
public static class RepositoryFolder
{
    /// <summary>Found upwards from where the tests run.</summary>
    public static string Path { get; } = Find();

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(System.IO.Path.Combine(folder.FullName, "Relay.sln")))
        {
            folder = folder.Parent ?? throw new DirectoryNotFoundException("Relay.sln is in no folder above the tests.");
        }

        return folder.FullName;
    }
}
