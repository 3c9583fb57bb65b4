using Relay.Node.Listeners;
using Relay.Node.Settings;

namespace Relay.Node.Composition;

/// <summary>The way from taking mail to a node that may be closed: readiness first, then new clients, then conversations and deliveries.</summary>
/// <remarks>Whoever looks at readiness, a balancer above all, sends nobody here any more before anybody is turned away.</remarks>
internal sealed partial class MailDrain
{
    /// <summary>For those who are still in a mail when the time is over, and not in its content, to be told so before they are cut.</summary>
    public static readonly TimeSpan LastWordTime = TimeSpan.FromSeconds(1);

    private readonly NodeSettings _settings;
    private readonly NodeReadiness _readiness;
    private readonly TimeProvider _time;
    private readonly ILogger _log;

    public MailDrain(NodeSettings settings, NodeReadiness readiness, TimeProvider time, ILogger<MailDrain> log)
    {
        _settings = settings;
        _readiness = readiness;
        _time = time;
        _log = log;
    }

    /// <summary>Drains; nobody is connected and nothing is delivered when it has ended.</summary>
    /// <param name="services">What connections work with.</param>
    /// <param name="isBroken">No mail can be taken anyway: nobody is given notice.</param>
    /// <param name="cancellation">The host waits no longer.</param>
    public async Task RunAsync(SmtpServices services, bool isBroken, CancellationToken cancellation)
    {
        _readiness.Set(NodeReadiness.Draining);
        if (!isBroken && _settings.DrainNotice is var notice && notice > TimeSpan.Zero)
        {
            var shown = SettingText.Of(notice);
            LogNotice(shown);
            await Task.Delay(notice, _time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        var within = _settings.Node.DrainTime;
        var limit = SettingText.Of(within);
        LogDraining(services.Gate.Total, limit);
        services.Sweeper.Drain();
        await Task.WhenAll(ClientsGoneAsync(services, within, cancellation), services.Mail.DrainAsync(within)).ConfigureAwait(false);
        services.Recipients.Stop();
        services.Sweeper.Hurry();
        await ClientsGoneAsync(services, LastWordTime, cancellation).ConfigureAwait(false);
        services.Sweeper.Cut();
    }

    private async Task ClientsGoneAsync(SmtpServices services, TimeSpan within, CancellationToken cancellation)
    {
        try
        {
            await services.Gate.WhenEmptyAsync().WaitAsync(within, _time, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            // Who is still there gets no 250 and sends again.
        }
    }

    [LoggerMessage(EventId = 3020, Level = LogLevel.Information, Message = "draining: not ready any more; connections are still taken for {Time:l}, so that balancers move on first")]
    private partial void LogNotice(string time);

    [LoggerMessage(EventId = 3004, Level = LogLevel.Information, Message = "draining: {Sessions} connections, for {Time:l} at the most")]
    private partial void LogDraining(long sessions, string time);
}
