namespace Relay.Node.CommandLine;

/// <summary>A failure that is no bug: its message is for the user, without a stack trace.</summary>
public sealed class CommandException : Exception
{
    /// <summary>A command that was refused or failed.</summary>
    /// <param name="message">What went wrong, for the user; one line or more.</param>
    public CommandException(string message)
        : this(message, ExitCodes.Failed)
    {
    }

    /// <summary>A command that ends with an exit code of its own.</summary>
    /// <param name="message">What went wrong, for the user; one line or more.</param>
    /// <param name="exitCode">One of <see cref="ExitCodes"/>.</param>
    public CommandException(string message, int exitCode)
        : base(message)
    {
        ExitCode = exitCode;
    }

    /// <summary>What the process ends with.</summary>
    public int ExitCode { get; }
}
