namespace Relay.Actors.Sessions;

/// <summary>The session of a connection has ended while the connection waited for its answer: the mail is to be refused for now (4xx).</summary>
public sealed class SessionLostException : Exception
{
    /// <summary>Says so.</summary>
    public SessionLostException()
        : base("The session ended before it answered.")
    {
    }
}
