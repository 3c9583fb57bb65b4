namespace Relay.TestKit;

/// <summary>Waits for what becomes true by itself, and looks often: the machine has other work than to look.</summary>
public static class Eventually
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(10);

    /// <summary>Waits until a condition holds.</summary>
    /// <param name="condition">The condition.</param>
    /// <param name="describe">Says how things stand when it does not hold in time.</param>
    /// <param name="seconds">How long it may take.</param>
    /// <exception cref="TimeoutException">It does not hold in time.</exception>
    public static Task TrueAsync(Func<bool> condition, Func<string>? describe = null, int seconds = 90) =>
        TrueAsync(() => Task.FromResult(condition()), describe, seconds);

    /// <inheritdoc cref="TrueAsync(Func{bool}, Func{string}?, int)"/>
    public static async Task TrueAsync(Func<Task<bool>> condition, Func<string>? describe = null, int seconds = 90)
    {
        ArgumentNullException.ThrowIfNull(condition);
        using var timer = new PeriodicTimer(Look);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
        while (!await condition())
        {
            if (patience.IsCancellationRequested)
            {
                throw new TimeoutException(describe?.Invoke() ?? "it did not come true in time");
            }

            await timer.WaitForNextTickAsync();
        }
    }

    /// <summary>The pause between two looks, for a loop that has its own end.</summary>
    public static async Task NextLookAsync()
    {
        using var timer = new PeriodicTimer(Look);
        await timer.WaitForNextTickAsync();
    }
}
