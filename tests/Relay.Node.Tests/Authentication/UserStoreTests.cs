using Relay.Node.CommandLine;
using Relay.Smtp.Authentication;

namespace Relay.Node.Tests.Authentication;

public sealed class UserStoreTests
{
    [Fact]
    public async Task Users_survive_a_restart_and_their_passwords_are_nowhere()
    {
        using var users = await TestUsers.CreateAsync(("alice", "first"), ("bob", "second"));
        Assert.False(users.Put("alice", TestUsers.VerifierOf("third")));
        Assert.True(users.Remove("bob"));
        Assert.False(users.Remove("bob"));

        await users.ReopenAsync();

        Assert.Equal(["alice"], users.Store.Current.Users.Keys);
        Assert.Equal(4, users.Store.Current.Version);
        var verifier = users.Store.VerifierFor("alice", out var isKnown);
        Assert.True(isKnown);
        Assert.True(verifier.IsOf("third"u8));
        Assert.False(verifier.IsOf("first"u8));
        Assert.DoesNotContain("third", await File.ReadAllTextAsync(users.File), StringComparison.Ordinal);
        Assert.Equal([users.File], Directory.GetFiles(users.Folder));
    }

    [Fact]
    public async Task Only_the_owner_reads_the_file()
    {
        using var users = await TestUsers.CreateAsync(("alice", "p"));
        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(users.File) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    [Fact]
    public async Task A_name_that_nobody_has_gets_a_verifier_that_looks_like_one_and_stays()
    {
        using var users = await TestUsers.CreateAsync(("alice", "p"));
        var invented = users.Store.VerifierFor("nobody", out var isKnown);
        Assert.False(isKnown);
        Assert.Equal(ScramVerifier.IterationsMin, invented.Iterations); // as the users have, not the default
        Assert.NotEqual(invented.Salt, users.Store.VerifierFor("another", out _).Salt);

        users.Put("bob", TestUsers.VerifierOf("q"));
        await users.ReopenAsync();

        var again = users.Store.VerifierFor("nobody", out _);
        Assert.Equal(invented.Salt.ToArray(), again.Salt.ToArray());
        Assert.Equal(invented.Iterations, again.Iterations);
    }

    [Fact]
    public async Task An_invented_verifier_keeps_its_count_while_users_come_and_go_and_every_count_is_lent()
    {
        using var users = await TestUsers.CreateAsync();
        users.Put("weak", TestUsers.VerifierOf("p", 5000));
        users.Put("strong", TestUsers.VerifierOf("p", 6000));
        var before = Counts();
        Assert.Equal([5000, 6000], before.Distinct().Order());
        for (var i = 0; i < 5; i++)
        {
            users.Put($"other{i}", TestUsers.VerifierOf("p", i % 2 == 0 ? 5000 : 6000));
        }

        Assert.Equal(before, Counts());
        users.Put("third", TestUsers.VerifierOf("p", 7000));
        Assert.All(before.Zip(Counts()), pair => Assert.True(pair.Second == pair.First || pair.Second == 7000));

        int[] Counts() => [.. Enumerable.Range(0, 60).Select(i => users.Store.VerifierFor($"name{i}", out _).Iterations)];
    }

    [Fact]
    public async Task Without_users_an_invented_verifier_has_the_default_count()
    {
        using var users = await TestUsers.CreateAsync();
        Assert.Equal(ScramVerifier.IterationsDefault, users.Store.VerifierFor("nobody", out _).Iterations);
        Assert.False(File.Exists(users.File));
    }

    [Fact]
    public async Task What_cannot_be_written_is_not_in_force()
    {
        using var users = await TestUsers.CreateAsync(("alice", "p"));
        Directory.CreateDirectory(users.File + ".new");

        var thrown = Record.Exception(() => users.Put("bob", TestUsers.VerifierOf("q")));

        Assert.True(thrown is IOException or UnauthorizedAccessException, $"{thrown}");
        Assert.False(users.Store.Contains("bob"));
        Assert.ThrowsAny<Exception>(() => users.Remove("alice"));
        Assert.True(users.Store.Contains("alice"));
    }

    [Fact]
    public async Task What_another_program_has_written_is_never_overwritten()
    {
        using var users = await TestUsers.CreateAsync(("alice", "p"));
        var ours = await File.ReadAllTextAsync(users.File);
        foreach (var foreign in (string?[])[ours.Replace("alice", "mallory", StringComparison.Ordinal), "", null])
        {
            File.Delete(users.File);
            if (foreign is not null)
            {
                await File.WriteAllTextAsync(users.File, foreign);
            }

            var refused = Assert.Throws<IOException>(() => users.Put("bob", TestUsers.VerifierOf("q")));
            Assert.StartsWith($"{users.File} was changed by another program", refused.Message, StringComparison.Ordinal);
            Assert.Throws<IOException>(() => users.Remove("alice"));
            Assert.Equal(["alice"], users.Store.Current.Users.Keys);
            Assert.Equal(foreign, File.Exists(users.File) ? await File.ReadAllTextAsync(users.File) : null);
        }

        await File.WriteAllTextAsync(users.File, ours);
        Assert.True(users.Put("bob", TestUsers.VerifierOf("q")));
        Assert.True(users.Remove("alice"));
    }

    [Fact]
    public async Task A_verifier_is_current_until_the_user_changes()
    {
        using var users = await TestUsers.CreateAsync(("alice", "p"));
        var verifier = users.Store.VerifierFor("alice", out _);
        Assert.True(users.Store.IsCurrent("alice", verifier));
        users.Put("bob", TestUsers.VerifierOf("p"));
        await users.ReopenAsync();
        Assert.True(users.Store.IsCurrent("alice", verifier));
        users.Put("alice", TestUsers.VerifierOf("other"));
        Assert.False(users.Store.IsCurrent("alice", verifier));
        users.Remove("alice");
        Assert.False(users.Store.IsCurrent("alice", verifier));
    }

    [Theory]
    [InlineData("", "is no JSON")]
    [InlineData("[]", "is no object")]
    [InlineData("""{"format":1,"version":1,"secret":"S","users":{},"user":{}}""", "\"user\": is an unknown key")]
    [InlineData("""{"format":1,"version":1,"users":{}}""", "secret: is missing")]
    [InlineData("""{"format":2,"version":1,"secret":"S","users":{}}""", "format: 2 is not known")]
    [InlineData("""{"format":1,"version":-1,"secret":"S","users":{}}""", "version: is negative")]
    [InlineData("""{"format":1,"version":1.5,"secret":"S","users":{}}""", "version: is no whole number")]
    [InlineData("""{"format":1,"version":1,"secret":"AAAA","users":{}}""", "secret: is not 32 octets in base64")]
    [InlineData("""{"format":1,"version":1,"secret":"S","users":[]}""", "users: is no object")]
    [InlineData("""{"format":1,"version":1,"secret":"S","users":{"Alice":{}}}""", "users: \"Alice\" is no name")]
    [InlineData("""{"format":1,"version":1,"secret":"S","users":{"a":{}}}""", "users:a:salt: is missing")]
    [InlineData("""{"format":1,"version":1,"secret":"S","users":{"a":3}}""", "users:a: is no object")]
    [InlineData("""{"format":1,"version":1,"secret":"S","users":{"a":{"salt":"s","iterations":1,"storedKey":"k","serverKey":"k"}}}""", "users:a:iterations: 1 is not 4096 to")]
    [InlineData("""{"format":1,"version":1,"secret":"S","users":{"a":{"salt":"s","iterations":4096,"storedKey":"k","serverKey":"k"}}}""", "users:a:salt: is not 16 octets")]
    [InlineData("""{"format":1,"version":1,"secret":"S","users":{"a":{},"a":{}}}""", "is no JSON")]
    public async Task A_damaged_file_stops_the_start_and_says_where(string json, string problem)
    {
        using var users = await TestUsers.CreateAsync();
        await File.WriteAllTextAsync(users.File, json.Replace("\"S\"", $"\"{Convert.ToBase64String(new byte[32])}\"", StringComparison.Ordinal));

        var refused = await Assert.ThrowsAsync<CommandException>(users.ReopenAsync);

        Assert.StartsWith($"{users.File}: {problem}", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_in_the_place_of_the_file_stops_the_start()
    {
        using var users = await TestUsers.CreateAsync();
        Directory.CreateDirectory(users.File);
        await Assert.ThrowsAsync<CommandException>(users.ReopenAsync);
    }
}
