namespace Relay.Node.Policies;

/// <summary>The log's lines about the cluster's policy.</summary>
internal sealed partial class PolicyLog(ILogger<PolicyLog> log)
{
    /// <summary>A version is in force.</summary>
    [LoggerMessage(EventId = 3120, Level = LogLevel.Information, Message = "policy version {Version} is in force, by {By}{Note}")]
    public partial void InForce(long version, string by, string note);

    /// <summary>What is valid but likely not meant.</summary>
    [LoggerMessage(EventId = 3121, Level = LogLevel.Warning, Message = "policy version {Version}: {Warning}")]
    public partial void Warned(long version, string warning);

    /// <summary>It is agreed on and does not hold here.</summary>
    [LoggerMessage(EventId = 3122, Level = LogLevel.Error, Message = "policy version {Version}: {Problem}")]
    public partial void Failed(long version, string problem);

    /// <summary>The file of the settings says something else than the cluster.</summary>
    [LoggerMessage(EventId = 3123, Level = LogLevel.Warning, Message =
        "PolicyFile {File} is not what is in force, version {Version} of the cluster's policy: relay policy diff {File} shows the difference")]
    public partial void FileDiffers(string file, long version);

    /// <summary>A file of the store could not be read.</summary>
    [LoggerMessage(EventId = 3124, Level = LogLevel.Error, Message = "{Problem}; it is not used")]
    public partial void Damaged(string problem);

    /// <summary>The listeners open although nobody has said that this is the newest policy.</summary>
    [LoggerMessage(EventId = 3125, Level = LogLevel.Warning, Message =
        "the cluster has not said within {Seconds} s which policy holds: the listeners open under version {Version}, this node's own copy")]
    public partial void OwnCopy(long version, double seconds);

    /// <summary>There is no policy to open the listeners under.</summary>
    [LoggerMessage(EventId = 3126, Level = LogLevel.Warning, Message =
        "the cluster has not said for {Seconds} s which policy holds, and this node has no copy and no PolicyFile: the listeners stay closed")]
    public partial void WaitsForCluster(double seconds);
}
