namespace Relay.Actors.Deliveries;

/// <summary>The passwords that a policy's routes name by a file.</summary>
public interface ISmartHostPasswords
{
    /// <summary>Reads a password, each time anew.</summary>
    /// <param name="file">The file as the policy names it.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The password; or null and why there is none, without anything of the file's content.</returns>
    Task<(string? Password, string Problem)> ReadAsync(string file, CancellationToken cancellation);
}

/// <summary>There are none.</summary>
internal sealed class NoPasswords : ISmartHostPasswords
{
    public Task<(string? Password, string Problem)> ReadAsync(string file, CancellationToken cancellation) =>
        Task.FromResult<(string?, string)>((null, "passwords are not read here"));
}
