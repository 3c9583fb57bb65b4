namespace Relay.Flood.Load;

/// <summary>The mail that a flood must not hurt: many senders, each at its own moderate rate, in an open loop.</summary>
internal sealed class LegitimateLoad
{
    /// <summary>Messages on their way at once; one more is not sent and counts as failed.</summary>
    public const int InFlightMax = 4000;

    /// <summary>A message that has no answer by then has failed.</summary>
    public static readonly TimeSpan AnswerTimeMax = TimeSpan.FromSeconds(30);

    private readonly FloodSettings _settings;
    private readonly RunPlan _plan;
    private readonly RunClock _clock;
    private readonly LoadTimeline _timeline;
    private readonly DeliveryWatch _watch;
    private readonly LegitimateSender[] _senders;
    private readonly byte[] _body;
    private readonly Random _random;
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _numbers;
    private int _inFlight = 1; // the pacing itself is one

    public LegitimateLoad(FloodSettings settings, RunPlan plan, RunClock clock, LoadTimeline timeline, DeliveryWatch watch)
    {
        _settings = settings;
        _plan = plan;
        _clock = clock;
        _timeline = timeline;
        _watch = watch;
        _random = new Random(settings.Seed);
        _body = MessageText.Build(settings.MessageBytes, "legitimate");
        _senders = [.. Enumerable.Range(0, settings.LegitimateSenders).Select(index => new LegitimateSender(index, settings))];
    }

    /// <summary>What messages of the judged phases were refused with.</summary>
    public ReplyTally Refusals { get; } = new();

    /// <summary>What messages of the warm-up were refused with.</summary>
    public ReplyTally WarmUpRefusals { get; } = new();

    /// <summary>Sends until the end of the plan, then waits for the answers.</summary>
    /// <exception cref="IOException">Messages have no end long after their time: this machine does not run the load.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var arrivals = new PoissonArrivals(_settings.LegitimateRate, _random);
        await _clock.PaceAsync(arrivals, _plan.End, due => Begin(due, cancellationToken), cancellationToken);
        Ended();
        try
        {
            await _done.Task.WaitAsync(AnswerTimeMax * 2, _clock.Time, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw new IOException($"{Volatile.Read(ref _inFlight)} legitimate messages are still under way long after their time: this machine is too slow for the load");
        }

        foreach (var sender in _senders)
        {
            sender.Close();
        }
    }

    private void Begin(TimeSpan due, CancellationToken cancellationToken)
    {
        var second = _timeline.At(due);
        second.CountOffered();
        if (Interlocked.Increment(ref _inFlight) > InFlightMax)
        {
            second.CountFailed();
            Ended();
            return;
        }

        _ = SendAsync(_senders[_random.Next(_senders.Length)], ++_numbers, due, second, cancellationToken);
    }

    private async Task SendAsync(LegitimateSender sender, long number, TimeSpan due, LoadSecond second, CancellationToken cancellationToken)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        late.CancelAfter(AnswerTimeMax - TimeSpan.FromSeconds(1));
        _watch.Expect(number, due);
        switch (await sender.SendAsync(number, _body, due < _plan.BaselineStart ? WarmUpRefusals : Refusals, late.Token))
        {
            case SendResult.Accepted:
                second.CountAccepted(_clock.Now - due);
                break;
            case SendResult.Refused:
                second.CountRefused();
                _watch.Forget(number);
                break;
            default:
                second.CountFailed();
                _watch.Forget(number);
                break;
        }

        Ended();
    }

    private void Ended()
    {
        if (Interlocked.Decrement(ref _inFlight) == 0)
        {
            _done.TrySetResult();
        }
    }
}
