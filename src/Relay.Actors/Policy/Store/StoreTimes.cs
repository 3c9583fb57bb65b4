namespace Relay.Actors.Policy.Store;

/// <summary>The time limits of changes of shared documents.</summary>
public sealed record StoreTimes
{
    /// <summary>Between two looks at what is late. Default 200 ms.</summary>
    public TimeSpan Tick { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>What was not answered is asked again after this. Default 1 second.</summary>
    public TimeSpan Retry { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>A new writer waits this long for all nodes that can be reached, before a majority is enough. Default 2 seconds.</summary>
    public TimeSpan Gather { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>For the nodes to fetch and check a document, and for a majority to keep it on the disk. Default 10 seconds each.</summary>
    public TimeSpan Prepare { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>For the nodes to put it in force, before the answer names those that lag. Default 5 seconds.</summary>
    public TimeSpan Acknowledge { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>For the next piece of a document that is fetched. Default 10 seconds.</summary>
    public TimeSpan Fetch { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>For a proposal as a whole, as whoever makes it sees it. Default 25 seconds.</summary>
    public TimeSpan Proposal { get; init; } = TimeSpan.FromSeconds(25);
}
