namespace Relay.Spool.Log;

/// <summary>Tells the writers of one batch, as one piece of work on the thread pool: the commit thread goes on at once.</summary>
internal sealed class CompletionBatch : IThreadPoolWorkItem
{
    private readonly List<Completion> _completions;

    private CompletionBatch(List<Completion> completions)
    {
        _completions = completions;
    }

    /// <summary>Queues the work.</summary>
    public static void Queue(List<Completion> completions) =>
        ThreadPool.UnsafeQueueUserWorkItem(new CompletionBatch(completions), preferLocal: false);

    /// <inheritdoc/>
    public void Execute()
    {
        foreach (var (writer, error) in _completions)
        {
            writer.Complete(error);
        }
    }
}
