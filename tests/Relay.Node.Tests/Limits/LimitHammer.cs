using System.Net;
using System.Net.Sockets;
using Relay.TestKit;
using Relay.TestKit.Limits;
using Relay.TestKit.Smtp;

namespace Relay.Node.Tests.Limits;

/// <summary>A sender far over its limit: asks all nodes at once for mails, without sending any, and writes down what it gets.</summary>
internal sealed class LimitHammer : IAsyncDisposable
{
    /// <summary>Questions a second of one connection: many more than any limit here allows.</summary>
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(10);

    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _clients = [];
    private readonly LimitTrace _trace;
    private readonly long _began;
    private readonly IPAddress _from;

    /// <summary>Nobody asks yet.</summary>
    /// <param name="trace">Where to write.</param>
    /// <param name="from">The address that is limited.</param>
    public LimitHammer(LimitTrace trace, IPAddress from)
    {
        _trace = trace;
        _from = from;
        _began = TimeProvider.System.GetTimestamp();
    }

    /// <summary>The time since it was made.</summary>
    public TimeSpan Now => TimeProvider.System.GetElapsedTime(_began);

    /// <summary>Begins to ask a node, over two connections; while it is dead, again and again.</summary>
    public void Begin(string node, IPEndPoint server)
    {
        _clients.Add(AskAsync(node, server));
        _clients.Add(AskAsync(node, server));
    }

    /// <summary>Waits until so much time has passed.</summary>
    public Task UntilAsync(TimeSpan moment) => Task.Delay(moment - Now);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_clients);
        _stop.Dispose();
    }

    private async Task AskAsync(string node, IPEndPoint server)
    {
        using var pace = new PeriodicTimer(Pace);
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await using var client = await SmtpTestClient.GreetAsync(server, from: _from);
                while (await pace.WaitForNextTickAsync(_stop.Token))
                {
                    var asked = Now;
                    var reply = await client.CommandAsync("MAIL FROM:<a@b.example>");
                    if (reply.Code == 250)
                    {
                        _trace.Add(node, asked, Now);
                        (await client.CommandAsync("RSET")).MustBe(250);
                    }
                    else if (reply.Code == 421)
                    {
                        break;
                    }
                }
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                // It was told to end.
            }
            catch (Exception e) when (e is SocketException or IOException or InvalidDataException or TimeoutException)
            {
                // Errors of the conversation end it, as a dead node does: it begins again.
                await Eventually.NextLookAsync();
            }
        }
    }
}
