using System.Buffers;
using Relay.Actors.Spooling;
using Relay.Messages.Ids;
using Relay.Messages.Stored;
using Relay.Node.Logging;
using Relay.Smtp.Content;
using Relay.Smtp.Replies;
using Relay.Spool;

namespace Relay.Node.Listeners;

/// <summary>Takes one body into the spool, trace header first, and makes it durable. Trouble of the disk becomes the reply to the final dot.</summary>
internal sealed class BodyReceiver
{
    private static readonly SmtpReply Full = new(452, new(4, 3, 1), "Insufficient system storage, try again later");
    private static readonly SmtpReply Unavailable = new(451, new(4, 3, 0), "Mail cannot be stored at the moment, try again later");

    private readonly SpoolWriter _writer;
    private readonly SessionLog _log;

    private BodyReceiver(SpoolWriter writer, SessionLog log)
    {
        _writer = writer;
        _log = log;
        Id = writer.Id.ToMessageId();
    }

    /// <summary>The message's name to be.</summary>
    public MessageId Id { get; }

    /// <summary>Content so far in octets, trace header included.</summary>
    public long Length => _writer.Length;

    /// <summary>Why the message cannot be kept, or null. The rest of its body is to be read and dropped.</summary>
    public SmtpReply? Failure { get; private set; }

    /// <summary>Begins a body.</summary>
    /// <param name="spool">Where it goes.</param>
    /// <param name="trace">Makes the facts of the trace header from the message's name.</param>
    /// <param name="log">Gets the cause of trouble.</param>
    public static async ValueTask<BodyReceiver> BeginAsync(SpoolStore spool, Func<MessageId, TraceFacts> trace, SessionLog log)
    {
        var receiver = new BodyReceiver(spool.BeginEntry(), log);
        var header = ArrayPool<byte>.Shared.Rent(TraceHeader.OctetsMax);
        try
        {
            var length = TraceHeader.Write(trace(receiver.Id), header);
            await receiver.AppendAsync(new ReadOnlySequence<byte>(header, 0, length)).ConfigureAwait(false);
            return receiver;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(header);
        }
    }

    /// <summary>Appends content. Back-pressure of the disk is back-pressure on the client.</summary>
    public async ValueTask AppendAsync(ReadOnlySequence<byte> content)
    {
        if (Failure is not null)
        {
            return;
        }

        try
        {
            await _writer.WriteAsync(content, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (IsSpoolTrouble(e))
        {
            await FailAsync(e).ConfigureAwait(false);
        }
    }

    /// <summary>The message is not to be kept: what came of it is dropped, and the rest of its body is to be read and dropped too.</summary>
    public ValueTask RefuseAsync(SmtpReply reply)
    {
        Failure ??= reply;
        return _writer.DisposeAsync();
    }

    /// <summary>Makes the message durable (I1).</summary>
    /// <param name="message">What is kept beside the octets.</param>
    /// <returns>False when <see cref="Failure"/> says why nothing was kept.</returns>
    public async ValueTask<bool> TryCommitAsync(StoredMessage message)
    {
        if (Failure is not null)
        {
            return false;
        }

        try
        {
            await _writer.CommitAsync(StoredMessageCodec.Encode(message), CancellationToken.None).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (IsSpoolTrouble(e))
        {
            await FailAsync(e).ConfigureAwait(false);
            return false;
        }
    }

    /// <summary>Drops what was appended.</summary>
    public ValueTask DiscardAsync() => _writer.DisposeAsync();

    private static bool IsSpoolTrouble(Exception e) => e is SpoolFullException or SpoolUnavailableException;

    private async ValueTask FailAsync(Exception cause)
    {
        // A spool without room is no trouble of the program's, and every client can bring it about: the refusal's line says it.
        Failure = cause is SpoolFullException ? Full : Unavailable;
        if (cause is SpoolUnavailableException)
        {
            _log.NotStored(Id, cause.Message);
        }

        await _writer.DisposeAsync().ConfigureAwait(false);
    }
}
