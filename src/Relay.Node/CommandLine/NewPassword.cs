using System.Text;
using Relay.Node.Settings;
using Relay.Smtp.Authentication;

namespace Relay.Node.CommandLine;

/// <summary>Reads a password that is to be set: never from an argument, where everyone on the machine can read it.</summary>
internal static class NewPassword
{
    private const int OctetsMax = UserName.PasswordOctetsMax + 2; // and a line end

    /// <summary>From the file, else asked for at the terminal, else from standard input.</summary>
    /// <exception cref="CommandException">There is none, or it cannot be one.</exception>
    public static async Task<string> ReadAsync(string? file, CommandContext context, CancellationToken cancellationToken)
    {
        if (file is not null)
        {
            var (octets, problem) = await BoundedFile.TryReadAsync(Path.GetFullPath(file, context.WorkingDirectory), OctetsMax, cancellationToken);
            return octets is null ? throw new CommandException($"{ShownText.Clean(file)}: {problem}") : Take(octets, ShownText.Clean(file));
        }

        if (context.AskSecret is { } ask)
        {
            var password = await ask("Password: ", cancellationToken);
            return await ask("Again: ", cancellationToken) == password
                ? Take(Encoding.UTF8.GetBytes(password), "the password")
                : throw new CommandException("the two passwords differ");
        }

        await using var input = context.OpenInput();
        var buffer = new byte[OctetsMax + 1];
        var length = await input.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        return Take(buffer.AsSpan(0, length), "standard input");
    }

    private static string Take(ReadOnlySpan<byte> octets, string from)
    {
        var text = Encoding.Latin1.GetString(octets);
        text = text.EndsWith("\r\n", StringComparison.Ordinal) ? text[..^2] : text.EndsWith('\n') ? text[..^1] : text;
        return UserName.IsPassword(text)
            ? text
            : throw new CommandException($"{from}: is no password: one line of printable ASCII, at most {UserName.PasswordOctetsMax} characters");
    }
}
