using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Relay.Smtp.Server;

namespace Relay.Flood.Sink;

/// <summary>
/// The receiving end for tests and benchmarks: takes mail from anyone for anyone, counts it, keeps it when asked, and misbehaves on
/// demand.
/// </summary>
/// <remarks>
/// One async loop a connection over plain sockets. A client has all the time it wants: there are no time limits but
/// <see cref="SinkSettings.StopTime"/>.
/// </remarks>
public sealed class SmtpSink : IAsyncDisposable
{
    // More than a relay takes, so that what it adds to a message at its own limits passes.
    private const int HeaderFieldsMax = 100_000;

    private const int ListenBacklog = 4096;
    private static readonly TimeSpan AcceptRetryTime = TimeSpan.FromMilliseconds(100);

    private readonly Socket _listener;
    private readonly ConcurrentDictionary<SinkConnection, byte> _connections = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _completed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // The accept loop and every connection hold one each; zero means that nothing runs any more.
    private int _running = 1;
    private long _answered;
    private bool _isDisposed;

    private SmtpSink(SinkSettings settings, TimeProvider time, SinkObserver? observer, Socket listener, SinkStore store)
    {
        Settings = settings;
        Time = time;
        Store = store;
        Observer = observer;
        Seed = settings.Seed ?? BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long)));
        Plan = new FaultPlan(settings, Seed);
        Tally = new SinkTally(time);
        Limits = new MessageLimits(settings.SizeMax, settings.RecipientsMax, int.MaxValue);
        DialogueOptions = new ServerDialogueOptions
        {
            HostName = settings.HostName,
            ErrorsMax = int.MaxValue, // faults are refusals too, and a client under test may see any number of them
            JunkCommandsMax = int.MaxValue,
            HeaderBytesMax = LedgerId.HeaderBytesMax,
            HeaderFieldsMax = HeaderFieldsMax,
        };
        _listener = listener;
        BoundEndPoint = (IPEndPoint)listener.LocalEndPoint!;
    }

    /// <summary>Where the sink listens, with the port it was given.</summary>
    public IPEndPoint BoundEndPoint { get; }

    /// <summary>The seed in use, for a run that repeats this one.</summary>
    public long Seed { get; }

    /// <summary>What has been done so far. Cheap; the members are read one after the other.</summary>
    public SinkCounters Counters => Tally.Read();

    /// <summary>The first unexpected error, such as a full disk; null when there was none.</summary>
    public Exception? FirstFailure => Tally.FirstFailure;

    /// <summary>Completes when <see cref="SinkSettings.StopAfter"/> messages have been accepted and answered.</summary>
    public Task Completed => _completed.Task;

    internal SinkSettings Settings { get; }

    internal TimeProvider Time { get; }

    internal SinkObserver? Observer { get; }

    internal SinkStore Store { get; }

    internal FaultPlan Plan { get; }

    internal SinkTally Tally { get; }

    internal MessageLimits Limits { get; }

    internal ServerDialogueOptions DialogueOptions { get; }

    internal bool IsStopping => _stopping.IsCancellationRequested;

    internal CancellationToken StoppingToken => _stopping.Token;

    /// <summary>Listens and begins to accept.</summary>
    /// <param name="settings">What to do.</param>
    /// <param name="time">The clock for delays, the ledger and rates; the system's when null.</param>
    /// <param name="observer">Sees every accepted message; nobody when null.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of its range.</exception>
    /// <exception cref="SocketException">The address cannot be listened on.</exception>
    /// <exception cref="IOException">The folder or the ledger cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder or the ledger may not be written to.</exception>
    public static SmtpSink Start(SinkSettings settings, TimeProvider? time = null, SinkObserver? observer = null)
    {
        ArgumentNullException.ThrowIfNull(settings);
        Check(settings);
        var store = SinkStore.Open(settings);
        var listener = new Socket(settings.Listen.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (settings.Listen.Address.Equals(IPAddress.IPv6Any))
            {
                listener.DualMode = true;
            }

            listener.Bind(settings.Listen);
            listener.Listen(ListenBacklog);
        }
        catch (SocketException)
        {
            listener.Dispose();
            store.Dispose();
            throw;
        }

        var sink = new SmtpSink(settings, time ?? TimeProvider.System, observer, listener, store);
        _ = sink.AcceptAsync();
        return sink;
    }

    /// <summary>
    /// Stops accepting, lets every connection finish the replies it is at (421 between messages), and closes them. Connections that are
    /// not done after <see cref="SinkSettings.StopTime"/> are cut.
    /// </summary>
    /// <param name="cutNow">Cancelled: the rest is cut at once.</param>
    public async Task StopAsync(CancellationToken cutNow = default)
    {
        await _stopping.CancelAsync();
        _listener.Dispose();
        foreach (var connection in _connections.Keys)
        {
            connection.Stop();
        }

        using var stopTime = new CancellationTokenSource(Settings.StopTime, Time);
        await using var late = stopTime.Token.UnsafeRegister(CutAll, this);
        await using var now = cutNow.UnsafeRegister(CutAll, this);
        await _drained.Task;
        Store.Dispose();
    }

    /// <summary>Stops at once: connections are cut.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, true))
        {
            return;
        }

        await StopAsync(new CancellationToken(canceled: true));
        _stopping.Dispose();
    }

    /// <summary>A connection tells that it is gone.</summary>
    internal void Ended(SinkConnection connection)
    {
        _connections.TryRemove(connection, out _);
        Tally.ConnectionEnded();
        Release();
    }

    /// <summary>Replies to accepted messages have left, or will never.</summary>
    internal void Answered(int messages)
    {
        if (Interlocked.Add(ref _answered, messages) >= Settings.StopAfter)
        {
            _completed.TrySetResult();
        }
    }

    private static void Check(SinkSettings settings)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(settings.Rate);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(settings.Rate, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(settings.Delay, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(settings.StopTime, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(settings.StopAfter ?? 1, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(settings.SizeMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(settings.RecipientsMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(settings.ConnectionsMax, 1);
    }

    private static void CutAll(object? state)
    {
        foreach (var connection in ((SmtpSink)state!)._connections.Keys)
        {
            connection.Cut();
        }
    }

    private async Task AcceptAsync()
    {
        while (!IsStopping)
        {
            try
            {
                Begin(await _listener.AcceptAsync(StoppingToken));
            }
            catch (Exception e) when (IsStopping && e is OperationCanceledException or ObjectDisposedException or SocketException)
            {
                break;
            }
            catch (Exception e) when (e is SocketException or IOException)
            {
                // The client was gone already, or we are out of descriptors: those come back.
                Tally.Failed(e);
                await Task.Delay(AcceptRetryTime, Time, StoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        Release();
    }

    private void Begin(Socket socket)
    {
        var connection = new SinkConnection(this, socket, Tally.ConnectionAccepted());
        Interlocked.Increment(ref _running);
        _connections.TryAdd(connection, 0);
        if (IsStopping)
        {
            connection.Stop(); // StopAsync may have gone through the table already
        }

        _ = connection.RunAsync(isOneTooMany: Tally.OpenConnections > Settings.ConnectionsMax);
    }

    private void Release()
    {
        if (Interlocked.Decrement(ref _running) == 0)
        {
            _drained.TrySetResult();
        }
    }
}
