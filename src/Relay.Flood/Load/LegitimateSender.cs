using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Relay.Flood.Load;

/// <summary>What became of one message.</summary>
internal enum SendResult
{
    Accepted,
    Refused,
    Failed,
}

/// <summary>A sender that does everything right: keeps its connections, uses PIPELINING, goes to the next node when one is away.</summary>
internal sealed class LegitimateSender
{
    /// <summary>Messages over one connection.</summary>
    public const int MessagesPerConnection = 20;

    private static readonly ReadOnlyMemory<byte> EmptyBody = ".\r\n"u8.ToArray();

    // At most one while there is nothing to send: a server that has a process for each has not many.
    private readonly ConcurrentStack<SmtpTalk> _idle = new();
    private readonly FloodSettings _settings;
    private readonly IReadOnlyList<IPEndPoint> _targets;
    private readonly int _index;

    public LegitimateSender(int index, FloodSettings settings)
    {
        _index = index;
        _settings = settings;
        _targets = settings.Targets;
    }

    private IPAddress? Source => _settings.HasSourceAddresses ? SourceAddresses.OfLegitimate(_index) : null;

    private string Domain => $"sender{_index}.example";

    /// <summary>Sends one message, over a connection that is free or a new one.</summary>
    /// <param name="number">The message's number, in its sender's local part.</param>
    /// <param name="body">The octets behind 354, with the final dot.</param>
    /// <param name="refusals">Counts what refused it.</param>
    /// <param name="cancellationToken">When it is too late.</param>
    public async Task<SendResult> SendAsync(long number, ReadOnlyMemory<byte> body, ReplyTally refusals, CancellationToken cancellationToken)
    {
        // A kept connection may be dead, and a node may be away: one more try than there are nodes.
        for (var attempt = 0; attempt <= _targets.Count; attempt++)
        {
            SmtpTalk? talk = null;
            try
            {
                if (attempt > 0 || !_idle.TryPop(out talk))
                {
                    talk = await OpenAsync(_targets[(_index + attempt) % _targets.Count], refusals, cancellationToken);
                }

                var result = talk is null ? SendResult.Refused : await TransferAsync(talk, number, body, refusals, cancellationToken);
                if (talk is not null)
                {
                    await KeepAsync(talk, result, cancellationToken);
                }

                return result;
            }
            catch (OperationCanceledException)
            {
                talk?.Cut();
                return SendResult.Failed;
            }
            catch (Exception e) when (e is SocketException or IOException or AuthenticationException)
            {
                talk?.Cut();
            }
        }

        return SendResult.Failed;
    }

    /// <summary>Closes the connections that are kept.</summary>
    public void Close()
    {
        while (_idle.TryPop(out var talk))
        {
            talk.Cut();
        }
    }

    private async Task<SmtpTalk?> OpenAsync(IPEndPoint target, ReplyTally refusals, CancellationToken cancellationToken)
    {
        var talk = await SmtpTalk.ConnectAsync(target, Source, cancellationToken);
        try
        {
            var isOpen = IsGood(await talk.ReadAsync(cancellationToken), refusals)
                && IsGood(await talk.AskAsync($"EHLO mta.{Domain}", cancellationToken), refusals)
                && (!_settings.WithTls
                    || (IsGood(await talk.StartTlsAsync(cancellationToken), refusals)
                        && IsGood(await talk.AskAsync($"EHLO mta.{Domain}", cancellationToken), refusals)));
            if (isOpen)
            {
                return talk;
            }
        }
        catch
        {
            talk.Cut();
            throw;
        }

        talk.Cut();
        return null;
    }

    private async Task<SendResult> TransferAsync(
        SmtpTalk talk, long number, ReadOnlyMemory<byte> body, ReplyTally refusals, CancellationToken cancellationToken)
    {
        var envelope = $"MAIL FROM:<{DeliveryWatch.LocalPartOf(number)}@{Domain}>\r\nRCPT TO:<{_settings.Recipient}>\r\nDATA\r\n";
        await talk.WriteAsync(envelope, cancellationToken);
        var mail = await talk.ReadAsync(cancellationToken);
        if (!IsGood(mail, refusals) && mail.IsClosing)
        {
            return SendResult.Refused;
        }

        var recipient = await talk.ReadAsync(cancellationToken);
        if (mail.IsPositive && !IsGood(recipient, refusals) && recipient.IsClosing)
        {
            return SendResult.Refused;
        }

        // Who said no to MAIL or RCPT has not got the message, whatever else is said. 354 must be answered all the same (RFC 2920, 3.1).
        var isTaken = mail.IsPositive && recipient.IsPositive;
        var data = await talk.ReadAsync(cancellationToken);
        if (data.Code != 354)
        {
            if (isTaken)
            {
                refusals.Add(data);
            }

            return SendResult.Refused;
        }

        await talk.WriteAsync(isTaken ? body : EmptyBody, cancellationToken);
        var end = await talk.ReadAsync(cancellationToken);
        return isTaken && IsGood(end, refusals) ? SendResult.Accepted : SendResult.Refused;
    }

    private async ValueTask KeepAsync(SmtpTalk talk, SendResult result, CancellationToken cancellationToken)
    {
        if (result == SendResult.Accepted && ++talk.Messages < MessagesPerConnection && _idle.IsEmpty)
        {
            _idle.Push(talk);
            return;
        }

        await talk.WriteAsync("QUIT\r\n", cancellationToken);
        await talk.DisposeAsync();
    }

    private static bool IsGood(TalkReply reply, ReplyTally refusals)
    {
        if (!reply.IsPositive)
        {
            refusals.Add(reply);
        }

        return reply.IsPositive;
    }
}
