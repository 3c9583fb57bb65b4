using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Relay.TestKit.Smtp;

namespace Relay.Node.Tests.Interop;

/// <summary>Clients that send one mail after another through a balancer, and come again when a node says 421: what careful senders do.</summary>
internal sealed class BalancedLoad : IAsyncDisposable
{
    private const int Senders = 8;
    private const int MailsPerConnection = 4;

    // Of one sender, between two mails: nodes that start need the machine too.
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(50);

    private readonly IPEndPoint _balancer;
    private readonly string _name;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<string, bool> _accepted = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _failures = new();
    private readonly Task[] _senders;
    private int _drained;

    public BalancedLoad(IPEndPoint balancer, string name)
    {
        _balancer = balancer;
        _name = name;
        _senders = [.. Enumerable.Range(0, Senders).Select(i => Task.Run(() => SendAsync(i)))];
    }

    /// <summary>The local parts of mails that got a 250.</summary>
    public IEnumerable<string> Accepted => _accepted.Keys;

    /// <summary>How many these are.</summary>
    public int AcceptedCount => _accepted.Count;

    /// <summary>Connections that ended with a 421 between two mails, or before the first.</summary>
    public int Drained => Volatile.Read(ref _drained);

    /// <summary>All else that was not as a client expects it.</summary>
    public IEnumerable<string> Failures => _failures;

    /// <summary>Waits until so many more mails are accepted.</summary>
    public async Task MoreAsync(int count)
    {
        var before = AcceptedCount;
        await LocalCluster.UntilAsync(() => AcceptedCount >= before + count, $"{count} more mails");
    }

    /// <summary>Ends the load; each connection finishes what it is in.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_senders);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private async Task SendAsync(int sender)
    {
        var from = LocalCluster.Friends[1 + (sender % (LocalCluster.Friends.Count - 1))];
        using var pace = new PeriodicTimer(Pace);
        for (var connection = 0; !_stop.IsCancellationRequested; connection++)
        {
            var at = "connect";
            try
            {
                await using var client = await SmtpTestClient.ConnectAsync(_balancer, from);
                at = "greeting";
                if (!Expect(at, await client.ReadReplyAsync(), 220) || !Expect(at = "EHLO", await client.CommandAsync("EHLO load.example"), 250))
                {
                    continue;
                }

                var goesOn = true;
                for (var mail = 0; goesOn && mail < MailsPerConnection; mail++)
                {
                    await pace.WaitForNextTickAsync();
                    var id = string.Create(CultureInfo.InvariantCulture, $"{_name}-{sender}-{connection}-{mail}");
                    goesOn = Expect(at = "MAIL", await client.CommandAsync("MAIL FROM:<a@b.example>"), 250)
                        && Expect(at = "RCPT", await client.CommandAsync($"RCPT TO:<{id}@relay.example>"), 250)
                        && Expect(at = "DATA", await client.CommandAsync("DATA"), 354);
                    if (goesOn)
                    {
                        await client.SendAsync(Encoding.ASCII.GetBytes($"Subject: {id}\r\n\r\n{new string('x', 500)}\r\n.\r\n"));
                        goesOn = Expect(at = "end of data", await client.ReadReplyAsync(), 250) && _accepted.TryAdd(id, true);
                    }
                }

                if (goesOn)
                {
                    Expect(at = "QUIT", await client.CommandAsync("QUIT"), 221);
                }
            }
            catch (Exception e) when (e is IOException or SocketException or TimeoutException)
            {
                _failures.Enqueue($"{at}: {e.Message}");
            }
        }
    }

    // A node that drains says so between two mails only: anywhere else a 421 is a failed transaction.
    private bool Expect(string at, TestReply reply, int code)
    {
        if (reply.Code == code)
        {
            return true;
        }

        if (reply.Code == 421 && at is "greeting" or "EHLO" or "MAIL" or "QUIT")
        {
            Interlocked.Increment(ref _drained);
        }
        else
        {
            _failures.Enqueue($"{at}: {reply}");
        }

        return false;
    }
}
