namespace Relay.Actors.Queues;

/// <summary>What is counted of the messages as they change, so that nobody has to look through the index.</summary>
internal sealed class QueueTally
{
    /// <summary>Messages that lists show as held.</summary>
    public int Held { get; private set; }

    /// <summary>Reports that senders are owed and that are being made, or wait for their limit.</summary>
    public int Reports { get; private set; }

    /// <summary>The message has come, changed or left.</summary>
    public void Note(QueuedMessage message)
    {
        var isHeld = message is { IsGone: false, IsHeld: true } && Array.Exists(message.Recipients, static recipient => recipient.IsIdle);
        var reports = message.IsGone ? 0 : message.ReportsUnderWay;
        Held += (isHeld ? 1 : 0) - (message.IsCountedHeld ? 1 : 0);
        Reports += reports - message.CountedReports;
        message.IsCountedHeld = isHeld;
        message.CountedReports = (byte)reports;
    }
}
