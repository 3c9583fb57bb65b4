using System.Buffers;
using System.Text;
using Relay.Smtp.Commands;
using Relay.Smtp.Content;
using Relay.Smtp.Replies;

namespace Relay.Smtp.Server;

public sealed partial class ServerDialogue
{
    /// <summary>Smaller chunks that are not the last count as junk: each would win its sender the time limit of a command.</summary>
    public const int SmallChunk = 1024;

    private const long OversizeSlack = 1024 * 1024;

    /// <summary>Where an oversized body is not read to its end any more: twice the limit and 1 MiB.</summary>
    private long ConsumedMax => Limits.SizeMax > (long.MaxValue - OversizeSlack) / 2 ? long.MaxValue : (2 * Limits.SizeMax) + OversizeSlack;

    private DialogueStep? ReadData(ref ReadOnlySequence<byte> input, IBufferWriter<byte> output)
    {
        if (!TryGetBlock(input, long.MaxValue, out var block))
        {
            return DialogueStep.NeedInput;
        }

        var isEnd = _scanner.Scan(block.Span, out var start, out var length, out var consumed);
        input = input.Slice(consumed);
        if (TakeContent(block.Slice(start, length), output))
        {
            return DialogueStep.BodyBytes;
        }

        return isEnd ? FinishBody(output) : null;
    }

    private DialogueStep? StartChunk(ReadOnlySpan<char> argument, SmtpReply? refusal, IBufferWriter<byte> output)
    {
        if (!BdatCommand.TryParse(argument, out var size, out _isLastChunk))
        {
            CloseAfter(CannedReplies.BadArgument, output); // where the next command begins is lost
            return null;
        }

        if (size > ConsumedMax)
        {
            CloseAfter(CannedReplies.TooLarge, output, RefusalPlace.Message);
            return null;
        }

        _chunkLeft = size;
        _chunkSize = size;
        if (refusal is null && size > Limits.SizeMax - BodyLength)
        {
            refusal = CannedReplies.TooLarge;
            AbandonTransaction();
        }

        if (refusal is not null)
        {
            _mode = Mode.DroppedChunk;
            Refuse(refusal, output);
            return null;
        }

        _mode = Mode.Chunk;
        return _bodyBegun ? null : Ask(Decision.Body, DialogueStep.DecideBody);
    }

    private DialogueStep? ReadChunk(ref ReadOnlySequence<byte> input, IBufferWriter<byte> output)
    {
        if (_chunkLeft == 0)
        {
            return FinishChunk(output);
        }

        if (!TryGetBlock(input, _chunkLeft, out var block))
        {
            return DialogueStep.NeedInput;
        }

        _ = _scanner.Scan(block.Span, out _, out _, out _);
        input = input.Slice(block.Length);
        _chunkLeft -= block.Length;
        return TakeContent(block, output) ? DialogueStep.BodyBytes : null;
    }

    private DialogueStep? FinishChunk(IBufferWriter<byte> output)
    {
        if (_isLastChunk)
        {
            _scanner.EndChunks();
            Raise(_scanner.Fault);
        }

        if (_isLastChunk || _fault != BodyFault.None)
        {
            return FinishBody(output);
        }

        _mode = Mode.Command;
        if (_chunkSize >= SmallChunk || !IsTooMuchJunk(output))
        {
            ReplyWriter.Write(CannedReplies.ChunkOk, output);
        }

        return null;
    }

    private DialogueStep? DropChunk(ref ReadOnlySequence<byte> input)
    {
        var dropped = Math.Min(_chunkLeft, input.Length);
        _chunkLeft -= dropped;
        input = input.Slice(dropped);
        if (_chunkLeft > 0)
        {
            return DialogueStep.NeedInput;
        }

        _mode = Mode.Command;
        return null;
    }

    private DialogueStep? FinishBody(IBufferWriter<byte> output)
    {
        _mode = Mode.Command;
        if (_fault == BodyFault.None)
        {
            return Ask(Decision.Message, DialogueStep.DecideMessage);
        }

        Refuse(ReplyFor(_fault), output, RefusalPlace.Message);
        EndTransaction();
        return null;
    }

    /// <summary>Counts and checks content; true when the owner is to have it as <see cref="Body"/>.</summary>
    private bool TakeContent(ReadOnlyMemory<byte> content, IBufferWriter<byte> output)
    {
        BodyLength += content.Length;
        if (BodyLength > ConsumedMax)
        {
            CloseAfter(CannedReplies.TooLarge, output, RefusalPlace.Message);
            return false;
        }

        Raise(_scanner.Fault);
        Raise(BodyLength > Limits.SizeMax ? BodyFault.TooLarge : BodyFault.None);
        if (!_headers.IsDone)
        {
            var before = _headers.Octets;
            _headers.Scan(content.Span);
            HeaderHas8Bit = HeaderHas8Bit || !Ascii.IsValid(content.Span[..(_headers.Octets - before)]);
            Raise(_headers.BeginsWithBlank ? BodyFault.LeadingBlank : BodyFault.None);
            Raise(_headers.Octets > _options.HeaderBytesMax ? BodyFault.HeaderTooLarge : BodyFault.None);
            Raise(_headers.Fields > _options.HeaderFieldsMax ? BodyFault.TooManyFields : BodyFault.None);
            Raise(_headers.Hops >= Limits.HopsMax ? BodyFault.TooManyHops : BodyFault.None);
        }

        if (_fault != BodyFault.None || content.IsEmpty)
        {
            return false;
        }

        BodyHas8Bit = BodyHas8Bit || !Ascii.IsValid(content.Span);
        Body = new ReadOnlySequence<byte>(content);
        return true;
    }

    private void Raise(BodyFault fault)
    {
        if (fault == BodyFault.None)
        {
            return;
        }

        _abandoned |= _fault == BodyFault.None;
        _fault = fault > _fault ? fault : _fault;
    }

    private static bool TryGetBlock(in ReadOnlySequence<byte> input, long max, out ReadOnlyMemory<byte> block)
    {
        var position = input.Start;
        while (input.TryGet(ref position, out block))
        {
            if (!block.IsEmpty)
            {
                block = block.Length > max ? block[..(int)max] : block;
                return true;
            }
        }

        return false;
    }
}
