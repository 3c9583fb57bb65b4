using System.Net;
using System.Net.Sockets;
using Relay.TestKit;
using Relay.TestKit.Limits;
using Relay.TestKit.Smtp;

namespace Relay.Node.Tests.Interop;

/// <summary>A sender far over its limit: asks whatever node a balancer gives it for mails, without sending any, and writes down what it gets.</summary>
internal sealed class LimitHammer : IAsyncDisposable
{
    /// <summary>After so many questions a connection ends, so that a node that is back gets some again.</summary>
    private const int QuestionsPerConnection = 100;

    /// <summary>Between two questions of one connection: there are many more than any limit here allows.</summary>
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(10);

    private readonly CancellationTokenSource _stop = new();
    private readonly LimitTrace _trace;
    private readonly IPAddress _from;
    private readonly IPEndPoint _balancer;
    private readonly long _began = TimeProvider.System.GetTimestamp();
    private readonly Task[] _clients;

    /// <summary>Begins to ask.</summary>
    /// <param name="trace">Where to write.</param>
    /// <param name="from">The address that is limited.</param>
    /// <param name="balancer">Whom to ask.</param>
    /// <param name="connections">Over how many connections at once.</param>
    public LimitHammer(LimitTrace trace, IPAddress from, IPEndPoint balancer, int connections)
    {
        _trace = trace;
        _from = from;
        _balancer = balancer;
        _clients = [.. Enumerable.Range(0, connections).Select(_ => AskAsync())];
    }

    /// <summary>The time since it began.</summary>
    public TimeSpan Now => TimeProvider.System.GetElapsedTime(_began);

    /// <summary>Waits until so much time has passed.</summary>
    public Task UntilAsync(TimeSpan moment) => moment > Now ? Task.Delay(moment - Now) : Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_clients);
        _stop.Dispose();
    }

    private async Task AskAsync()
    {
        using var pace = new PeriodicTimer(Pace);
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await using var client = await SmtpTestClient.ConnectAsync(_balancer, _from);
                var node = (await client.ReadReplyAsync()).MustBe(220).Text.Split('.')[0];
                (await client.CommandAsync("EHLO client.example")).MustBe(250);
                for (var i = 0; i < QuestionsPerConnection && await pace.WaitForNextTickAsync(_stop.Token); i++)
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
