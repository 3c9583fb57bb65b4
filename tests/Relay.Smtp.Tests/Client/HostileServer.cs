using System.Buffers;
using System.Text;
using Relay.Smtp.Addresses;
using Relay.Smtp.Client;
using Relay.Smtp.Envelopes;

namespace Relay.Smtp.Tests.Client;

/// <summary>One connection of a client with a server that answers sensibly, damaged, with noise, too much, too early or not at all.</summary>
internal sealed class HostileServer
{
    private const int RoundsMax = 60;

    private static readonly string[] Capabilities =
        ["PIPELINING", "SIZE", "SIZE 100", "SIZE 99999999999999999999", "8BITMIME", "SMTPUTF8", "DSN", "STARTTLS", "X-JUNK a b", "", "CHUNKING", "AUTH PLAIN", "AUTH=LOGIN"];

    private static readonly string[] Recipients = ["a@b.test", "c@b.test", "\"x <y>\"@b.test", "жук@b.test", "postmaster"];

    private readonly Random _random;
    private readonly ClientDialogue _dialogue;
    private readonly ArrayBufferWriter<byte> _output = new();
    private readonly Queue<string> _commands = new(["connect"]);
    private int _read;
    private int _recipients;
    private bool _isOn;
    private long _saidSinceDot = -1;

    public HostileServer(Random random)
    {
        _random = random;
        _dialogue = new ClientDialogue(new ClientDialogueOptions("relay.test")
        {
            PipelinedRecipientsMax = random.Next(1, 4),
            ReplyLineMax = 512,
            ReplyLinesMax = 20,
            ReplyOctetsMax = 2048,
        },
        new ClientDemands
        {
            StartTls = (StartTlsUse)random.Next(3),
            IsLmtp = random.Next(4) == 0,
            Credentials = random.Next(4) == 0 ? new ClientCredentials("relay", "secret") : null,
        });
    }

    /// <summary>Plays until the connection is closed, has failed or is lost, and checks what must always hold.</summary>
    public void Play()
    {
        var step = ClientStep.NeedInput;
        for (var round = 0; round < RoundsMax && step is not (ClientStep.Failed or ClientStep.Closed); round++)
        {
            if (Chance(4))
            {
                _dialogue.ConnectionLost();
            }

            step = Say(Answer());
        }

        _dialogue.ConnectionLost();
        step = Feed(default);
        if (step == ClientStep.TransactionDone)
        {
            step = Feed(default);
        }

        Assert.True(step is ClientStep.Failed or ClientStep.Closed, $"{step} after the connection was lost");
        Assert.False(_isOn);
        Assert.False(_dialogue.IsUsable);
        Assert.Equal(step == ClientStep.Failed, _dialogue.Failure is not null);
        var written = _output.WrittenCount;
        Feed(new ReadOnlySequence<byte>("250 ok\r\n354 go\r\n"u8.ToArray()));
        Assert.Equal(written, _output.WrittenCount);

        // A body that was given up may end in the middle of a line end; nothing follows it.
        var sent = Encoding.UTF8.GetString(_output.WrittenSpan).Replace("\r\n", string.Empty, StringComparison.Ordinal);
        Assert.DoesNotContain(sent.EndsWith('\r') ? sent[..^1] : sent, char.IsControl);
        Assert.True(_dialogue.IsTls || !sent.Contains("AUTH ", StringComparison.Ordinal), "AUTH in the clear");
    }

    private bool Chance(int percent) => _random.Next(100) < percent;

    private ClientStep Say(byte[] octets)
    {
        var step = Feed(default);
        var start = 0;
        while (start < octets.Length && step is not (ClientStep.Failed or ClientStep.Closed))
        {
            var length = Math.Min(Chance(50) ? octets.Length : _random.Next(1, 8), octets.Length - start);
            step = Feed(new ReadOnlySequence<byte>(octets, start, length));
            start += length;
        }

        return step;
    }

    /// <summary>Hands bytes over and does what the dialogue then asks for.</summary>
    private ClientStep Feed(ReadOnlySequence<byte> input)
    {
        _saidSinceDot += _saidSinceDot >= 0 ? input.Length : 0;
        var step = _dialogue.Advance(ref input, _output);
        Assert.True(input.IsEmpty);
        if (_isOn && step is ClientStep.TransactionDone or ClientStep.Failed)
        {
            CheckOutcomes();
        }

        ReadCommands();
        switch (step)
        {
            case ClientStep.Ready when Chance(90):
                Begin();
                break;
            case ClientStep.Ready:
                _dialogue.Quit(_output);
                break;
            case ClientStep.StartTls when Chance(80):
                _dialogue.TlsStarted(_output);
                break;
            case ClientStep.SendBody when Chance(70):
                SendBody();
                break;
        }

        ReadCommands();
        return step;
    }

    private void CheckOutcomes()
    {
        if (!_isOn)
        {
            return;
        }

        _isOn = false;
        Assert.Equal(_recipients, _dialogue.Outcomes.Count);
        Assert.DoesNotContain(null, _dialogue.Outcomes);
        foreach (var outcome in _dialogue.Outcomes)
        {
            if (outcome.Kind == OutcomeKind.Delivered)
            {
                Assert.True(_saidSinceDot >= "250\r\n".Length, "delivered without a reply behind the final dot");
                Assert.True(outcome.Reply.IsPositive, $"delivered by {outcome.Reply}");
            }
            else if (outcome.Kind == OutcomeKind.Bounced)
            {
                Assert.True(outcome.Reply.IsPermanent, $"bounced by {outcome.Reply}");
            }
        }

        _saidSinceDot = -1;
    }

    private void Begin()
    {
        _recipients = _random.Next(1, 6);
        var recipients = new EnvelopeRecipient[_recipients];
        for (var i = 0; i < recipients.Length; i++)
        {
            Assert.True(MailPath.TryParse(Recipients[_random.Next(Recipients.Length)], out var path));
            recipients[i] = new EnvelopeRecipient(path!, (DsnNotify)_random.Next(9), Chance(50) ? "rfc822;a@b.test" : null);
        }

        var envelope = new Envelope(MailPath.Null, MailParameters.None with { SmtpUtf8 = Chance(30) }, recipients);
        _isOn = true;
        _saidSinceDot = -1;
        _dialogue.Begin(new ClientTransaction(envelope, Content.Length, Chance(20)), _output);
    }

    private const string Content = "Subject: x\r\n\r\n.\r\n..\r\nhello\r\n";

    private void SendBody()
    {
        var content = Encoding.ASCII.GetBytes(Content);
        var cut = _random.Next(content.Length);
        _dialogue.WriteBody(content.AsSpan(0, cut), _output);
        if (Chance(90))
        {
            _dialogue.WriteBody(content.AsSpan(cut), _output);
        }

        _dialogue.EndBody(_output);
        var isEnded = _dialogue.Stage == ClientStage.EndOfData;
        Assert.True(_dialogue.Capabilities.HasChunking || isEnded == _output.WrittenSpan.EndsWith("\r\n.\r\n"u8));
        if (isEnded)
        {
            _saidSinceDot = 0;
            _read = _output.WrittenCount;
            _commands.Enqueue("dot");
        }
    }

    private void ReadCommands()
    {
        while (_output.WrittenSpan[_read..].IndexOf("\r\n"u8) is >= 0 and var end)
        {
            _commands.Enqueue(Encoding.UTF8.GetString(_output.WrittenSpan.Slice(_read, end)));
            _read += end + 2;
        }
    }

    private byte[] Answer()
    {
        if (Chance(3))
        {
            var noise = new byte[_random.Next(1, 600)];
            _random.NextBytes(noise);
            return noise;
        }

        var text = new StringBuilder();
        while (_commands.TryDequeue(out var command))
        {
            text.Append(AnswerTo(command));
            if (Chance(20))
            {
                break;
            }
        }

        if (Chance(3))
        {
            text.Append("250 unasked\r\n");
        }

        var octets = Encoding.UTF8.GetBytes(text.ToString());
        return Chance(10) && octets.Length > 0 ? Damage(octets) : octets;
    }

    private string AnswerTo(string command)
    {
        var verb = command.Split(' ', 2)[0];
        if (verb == "BDAT")
        {
            return string.Empty; // its chunk is not there yet
        }

        var code = verb switch
        {
            "connect" or "STARTTLS" => "220",
            "AUTH" => Chance(50) ? "334" : "235",
            "DATA" => "354",
            "QUIT" => "221",
            _ => "250",
        };
        if (verb is "EHLO" or "LHLO" && Chance(90))
        {
            var offered = Capabilities.Where(_ => Chance(50)).Select(line => $"250-{line}\r\n");
            return $"250-mx.test\r\n{string.Concat(offered)}250 OK\r\n";
        }

        if (Chance(15))
        {
            code = new[] { "421", "450", "550", "552", "503", "354", "250" }[_random.Next(7)];
        }

        if (verb == "dot" && Chance(30))
        {
            return string.Concat(Enumerable.Range(0, _random.Next(6)).Select(_ => Chance(30) ? "550 no\r\n" : "250 ok\r\n"));
        }

        return Chance(10) ? $"{code}-2.0.0 two\r\n{code} lines\r\n" : $"{code} ok\r\n";
    }

    private byte[] Damage(byte[] octets)
    {
        var at = _random.Next(octets.Length);
        switch (_random.Next(4))
        {
            case 0:
                octets[at] = (byte)_random.Next(256);
                return octets;
            case 1:
                return octets[..at];
            case 2:
                return [.. octets, .. octets[at..]];
            default:
                return [.. octets[..at], .. Enumerable.Repeat((byte)'-', _random.Next(3000)), .. octets[at..]];
        }
    }
}
