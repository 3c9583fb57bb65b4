namespace Relay.Node.Admin;

/// <summary>A request that asks for nothing that can be; it is answered with 400.</summary>
internal sealed class RefusedRequestException : Exception
{
    public RefusedRequestException(string title, string? detail)
        : base(title)
    {
        Detail = detail;
    }

    /// <summary>What it is this time.</summary>
    public string? Detail { get; }
}
