using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace Relay.Node.Tests.Interop;

/// <summary>smtp-source, one run after another: ten clients that open a connection for each mail, one a second, and never come again.</summary>
internal sealed partial class PlainLoad : IAsyncDisposable
{
    private const int MailsPerRun = 50;

    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<string> _failures = new();
    private readonly IPEndPoint _balancer;
    private readonly string _recipient;
    private readonly Task _sending;

    public PlainLoad(IPEndPoint balancer, string recipient)
    {
        _balancer = balancer;
        _recipient = recipient;
        _sending = SendAsync();
    }

    /// <summary>Mails that got a 250.</summary>
    public int Accepted { get; private set; }

    /// <summary>Connections that got a 421 before their mail.</summary>
    public int Drained { get; private set; }

    /// <summary>All else that was not as a client expects it.</summary>
    public IEnumerable<string> Failures => _failures;

    /// <summary>Ends the load after the run that is on.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _sending;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private async Task SendAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            var (code, output) = await ForeignProgram.RunAsync(
                "smtp-source", "-A", "-s", "10", "-w", "1", "-m", MailsPerRun.ToString(CultureInfo.InvariantCulture), "-l", "1024",
                "-f", "a@b.example", "-t", $"{_recipient}@relay.example", _balancer.ToString());
            if (code != 0)
            {
                _failures.Enqueue($"smtp-source ended with {code}: {output}");
                return;
            }

            var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Accepted += MailsPerRun - lines.Length;
            foreach (var line in lines)
            {
                if (BeforeMail().IsMatch(line))
                {
                    Drained++;
                }
                else
                {
                    _failures.Enqueue(line);
                }
            }
        }
    }

    [GeneratedRegex("(server banner|(HELO|EHLO|sender) rejected): 421 ")]
    private static partial Regex BeforeMail();
}
