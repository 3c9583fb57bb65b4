namespace Relay.Node.Dns;

/// <summary>Asks name servers, within whatever bounds.</summary>
internal interface IQuestions
{
    /// <summary>Asks for a name's records of a type. Whatever goes wrong is an answer.</summary>
    /// <param name="name">A host name without a final dot.</param>
    /// <param name="type">The records that are wanted.</param>
    /// <param name="cancellation">Ends the question.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    Task<DnsAnswer> AskAsync(string name, QueryType type, CancellationToken cancellation);
}
