namespace Relay.Node.Authentication;

/// <summary>The log's lines about users. Of a user they have the name, and never what a password is checked by.</summary>
internal sealed partial class UserLog(ILogger<UserLog> log)
{
    /// <summary>An operator has changed one.</summary>
    [LoggerMessage(EventId = 3110, Level = LogLevel.Information, Message = "user {Name:l} {Change:l}")]
    public partial void Changed(string name, string change);

    /// <summary>The disk does not take them.</summary>
    [LoggerMessage(EventId = 3111, Level = LogLevel.Error, Message = "the users cannot be stored: {Cause}")]
    public partial void NotStored(string cause);

    /// <summary>A version is in force.</summary>
    [LoggerMessage(EventId = 3112, Level = LogLevel.Information, Message = "users version {Version} is in force, by {By}: {Users} in all")]
    public partial void InForce(long version, string by, int users);

    /// <summary>It is agreed on and does not hold here.</summary>
    [LoggerMessage(EventId = 3113, Level = LogLevel.Error, Message = "users version {Version}: {Problem}")]
    public partial void Failed(long version, string problem);

    /// <summary>Somebody cannot log in here any more.</summary>
    [LoggerMessage(EventId = 3114, Level = LogLevel.Warning, Message = "the cluster's users are in force on this node, and {Difference:l}: these cannot log in as before")]
    public partial void FileDiffers(string difference);

    /// <summary>A file of the store could not be read.</summary>
    [LoggerMessage(EventId = 3115, Level = LogLevel.Error, Message = "{Problem}; it is not used")]
    public partial void Damaged(string problem);

    /// <summary>The listeners open although nobody has said that these are the users.</summary>
    [LoggerMessage(EventId = 3116, Level = LogLevel.Warning, Message =
        "the cluster has not said within {Seconds} s who its users are: the listeners open with version {Version}, this node's own copy")]
    public partial void OwnCopy(long version, double seconds);
}
