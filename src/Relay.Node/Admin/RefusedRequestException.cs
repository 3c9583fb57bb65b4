namespace Relay.Node.Admin;

/// <summary>A request that asks for nothing that can be; it is answered with 400, unless it says another status.</summary>
internal sealed class RefusedRequestException : Exception
{
    public RefusedRequestException(string title, string? detail)
        : base(title)
    {
        Detail = detail;
    }

    /// <summary>The status that it is answered with.</summary>
    public int Status { get; init; } = StatusCodes.Status400BadRequest;

    /// <summary>What it is this time.</summary>
    public string? Detail { get; }
}
