namespace Relay.Node.CommandLine;

/// <summary>What the process ends with.</summary>
public static class ExitCodes
{
    /// <summary>Done.</summary>
    public const int Done = 0;

    /// <summary>Refused or failed.</summary>
    public const int Failed = 1;

    /// <summary>The command line itself is wrong.</summary>
    public const int Usage = 2;

    /// <summary>Told to stop before it was done: 128 and the number of SIGINT, as shells have it.</summary>
    public const int Interrupted = 130;
}
