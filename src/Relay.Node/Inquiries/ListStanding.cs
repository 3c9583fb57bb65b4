namespace Relay.Node.Inquiries;

/// <summary>How a DNS list stands with one family of addresses: what its last test came to, and how long it has been silent. Thread-safe.</summary>
internal sealed class ListStanding
{
    private readonly TaskCompletionSource _tested = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _result = Untested;
    private int _silences;

    private const int Untested = -1;

    /// <summary>What the last test came to; null before the first one has ended.</summary>
    public ListTestResult? Result => Volatile.Read(ref _result) is var result and not Untested ? (ListTestResult)result : null;

    /// <summary>Ends with the first test.</summary>
    public Task Tested => _tested.Task;

    /// <summary>A test has ended.</summary>
    /// <returns>What the one before it came to.</returns>
    public ListTestResult? Set(ListTestResult result)
    {
        var before = Interlocked.Exchange(ref _result, (int)result);
        Volatile.Write(ref _silences, 0);
        _tested.TrySetResult();
        return before == Untested ? null : (ListTestResult)before;
    }

    /// <summary>A question was answered.</summary>
    public void Answered() => Volatile.Write(ref _silences, 0);

    /// <summary>A question was not answered.</summary>
    /// <returns>True for each time that <paramref name="most"/> of them came one after the other.</returns>
    public bool IsSilent(int most) => Interlocked.Increment(ref _silences) % most == 0;
}
