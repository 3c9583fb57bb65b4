using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using Relay.Smtp.Replies;
using Relay.Smtp.Server;

namespace Relay.Flood.Sink;

/// <summary>One client of the sink: carries octets between the socket and the dialogue, and answers for the sink.</summary>
internal sealed partial class SinkConnection
{
    private const int ReadBytes = 32 * 1024;
    private const int ReadBytesMin = 4 * 1024;

    /// <summary>Octets that are read and thrown away after the last reply.</summary>
    private const long LingerBytesMax = 16 * 1024 * 1024;

    private static readonly TimeSpan LingerTime = TimeSpan.FromSeconds(1);
    private static readonly StreamPipeReaderOptions ReaderOptions = new(bufferSize: ReadBytes, minimumReadSize: ReadBytesMin);
    private static readonly SmtpReply Stopping = new(421, new EnhancedStatus(4, 3, 2), "The sink stops");
    private static readonly SmtpReply TooMany = new(421, new EnhancedStatus(4, 7, 0), "Too many connections");

    private readonly SmtpSink _sink;
    private readonly Socket _socket;
    private readonly PipeReader _input;
    private readonly PipeWriter _output;
    private readonly ServerDialogue _dialogue;
    private readonly MessageCapture? _capture;
    private readonly EhloWatch? _ehlo;
    private FaultChance _chance;
    private int _unanswered;

    public SinkConnection(SmtpSink sink, Socket socket, long number)
    {
        _sink = sink;
        _socket = socket;
        _socket.NoDelay = true;
        var stream = new NetworkStream(socket, ownsSocket: true);
        _input = PipeReader.Create(stream, ReaderOptions);
        _output = PipeWriter.Create(stream);
        _dialogue = new ServerDialogue(sink.DialogueOptions, sink.Limits);
        _capture = MessageCapture.For(sink);
        _ehlo = sink.Plan.Concerns(SinkPlace.Ehlo) ? new EhloWatch() : null;
        _chance = sink.Plan.ChanceFor(number);
    }

    /// <summary>What the loop does after a piece of input.</summary>
    private enum Next
    {
        Continue,
        Read,
        Delay,
        Close,
        Drop,
    }

    /// <summary>Ends the conversation at the next read.</summary>
    public void Stop() => _input.CancelPendingRead();

    /// <summary>Closes the socket under whatever is going on.</summary>
    public void Cut() => _socket.Dispose();

    /// <summary>Serves the client until it or the sink ends the connection; never throws.</summary>
    /// <param name="isOneTooMany">There is no room for this connection.</param>
    public async Task RunAsync(bool isOneTooMany)
    {
        try
        {
            if (await OpenAsync(isOneTooMany))
            {
                await ConverseAsync();
            }
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The client went away, or the sink stops: neither is worth a word, the counters tell.
        }
        catch (Exception e)
        {
            _sink.Tally.Failed(e);
        }
        finally
        {
            _socket.Dispose();
            await _input.CompleteAsync();
            _capture?.Dispose();
            Answered();
            _sink.Ended(this);
        }
    }

    private async ValueTask<bool> OpenAsync(bool isOneTooMany)
    {
        var decision = isOneTooMany ? new FaultDecision(IsDrop: false, TooMany) : Decide(SinkPlace.Connect);
        if (decision.IsDrop)
        {
            return false;
        }

        if (decision.Refusal is { } refusal)
        {
            ReplyWriter.Write(refusal, _output);
            await CloseAsync();
            return false;
        }

        _dialogue.WriteGreeting(_output);
        await _output.FlushAsync();
        return true;
    }

    private async Task ConverseAsync()
    {
        while (true)
        {
            var read = await _input.ReadAsync();
            var buffer = read.Buffer;
            Next next;
            while ((next = Process(ref buffer)) == Next.Delay)
            {
                await _output.FlushAsync();
                await Task.Delay(_sink.Settings.Delay, _sink.Time, _sink.StoppingToken);
                next = AnswerMessage();
                if (next != Next.Continue)
                {
                    break;
                }
            }

            _input.AdvanceTo(buffer.Start, buffer.End);
            if (next == Next.Read && _sink.IsStopping && _dialogue.IsBetweenTransactions)
            {
                ReplyWriter.Write(Stopping, _output);
                next = Next.Close;
            }

            if (next == Next.Close)
            {
                await CloseAsync();
                return;
            }

            if (_output.UnflushedBytes > 0)
            {
                await _output.FlushAsync();
                Answered();
            }

            if (next == Next.Drop || read.IsCompleted || _sink.IsStopping)
            {
                return;
            }
        }
    }

    /// <summary>
    /// Goes through the input without waiting for anything: until it is used up, or the connection or the message needs something else.
    /// </summary>
    private Next Process(ref ReadOnlySequence<byte> buffer)
    {
        while (true)
        {
            var next = _ehlo is { IsAtCommand: true } && EhloWatch.TryFindLine(buffer, out var line)
                ? ProcessLine(ref buffer, line)
                : Advance(ref buffer);
            if (next != Next.Continue)
            {
                return next;
            }
        }
    }

    /// <summary>
    /// Handles one command line while EHLO is watched for: the dialogue answers EHLO by itself, so it must not see one that is refused.
    /// </summary>
    private Next ProcessLine(ref ReadOnlySequence<byte> buffer, ReadOnlySequence<byte> line)
    {
        if (EhloWatch.IsEhlo(line))
        {
            var decision = Decide(SinkPlace.Ehlo);
            if (decision.IsDrop)
            {
                return Next.Drop;
            }

            if (decision.Refusal is { } refusal)
            {
                buffer = buffer.Slice(line.End);
                ReplyWriter.Write(refusal, _output);
                return AfterRefusal(refusal);
            }
        }

        // Line by line, so that an EHLO behind another command is seen too. DATA is not cut off: what follows it too early is for the
        // dialogue to find.
        var rest = EhloWatch.IsData(line) ? buffer : line;
        var next = Advance(ref rest);
        var isStuck = rest.Start.Equals(buffer.Start);
        buffer = buffer.Slice(rest.Start);
        return next == Next.Read && !isStuck && !buffer.IsEmpty ? Next.Continue : next;
    }

    private Next Advance(ref ReadOnlySequence<byte> buffer)
    {
        var unflushed = _output.UnflushedBytes;
        var step = _dialogue.Advance(ref buffer, _output);
        _ehlo?.After(step, hasReplied: _output.UnflushedBytes > unflushed);
        switch (step)
        {
            case DialogueStep.NeedInput:
                return Next.Read;
            case DialogueStep.BodyBytes:
                _capture?.Append(_dialogue.Body);
                return Next.Continue;
            case DialogueStep.BodyAbandoned:
                _capture?.Discard();
                return Next.Continue;
            case DialogueStep.DecideMail:
                return Answer(step, SinkPlace.Mail);
            case DialogueStep.DecideRecipient:
                return Answer(step, SinkPlace.Rcpt);
            case DialogueStep.DecideBody:
                return Answer(step, SinkPlace.Data);
            case DialogueStep.DecideMessage:
                return _sink.Settings.Delay > TimeSpan.Zero ? Next.Delay : AnswerMessage();
            default:
                return Next.Close;
        }
    }

    /// <summary>
    /// Closes so that the last reply arrives: a close with unread octets makes the system send a reset, which may overtake the reply.
    /// </summary>
    private async Task CloseAsync()
    {
        await _output.FlushAsync();
        Answered();
        _socket.Shutdown(SocketShutdown.Send);
        using var limit = new CancellationTokenSource(LingerTime, _sink.Time);
        var discarded = 0L;
        while (discarded < LingerBytesMax && !_sink.IsStopping)
        {
            var read = await _input.ReadAsync(limit.Token);
            discarded += read.Buffer.Length;
            _input.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted || read.IsCanceled)
            {
                return;
            }
        }
    }

    private void Answered()
    {
        if (_unanswered > 0)
        {
            _sink.Answered(_unanswered);
            _unanswered = 0;
        }
    }
}
