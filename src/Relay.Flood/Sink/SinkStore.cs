namespace Relay.Flood.Sink;

/// <summary>What a sink keeps on disk: the folder of messages and the ledger, each only when asked for.</summary>
internal sealed class SinkStore : IDisposable
{
    private long _last;

    private SinkStore(SaveFolder? folder, Ledger? ledger)
    {
        Folder = folder;
        Ledger = ledger;
        _last = folder?.LastNumber ?? 0;
    }

    public SaveFolder? Folder { get; }

    public Ledger? Ledger { get; }

    public static SinkStore Open(SinkSettings settings)
    {
        var folder = settings.SaveDirectory is null ? null : SaveFolder.Open(settings.SaveDirectory);
        var ledger = settings.LedgerFile is null ? null : Ledger.Open(settings.LedgerFile);
        return new SinkStore(folder, ledger);
    }

    /// <summary>The number of the next message; a message that cannot be kept leaves a gap.</summary>
    public long NextNumber() => Interlocked.Increment(ref _last);

    public void Dispose() => Ledger?.Dispose();
}
