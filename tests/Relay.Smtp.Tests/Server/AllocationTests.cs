using System.Buffers;
using System.Text;
using Relay.Smtp.Replies;
using Relay.Smtp.Server;

namespace Relay.Smtp.Tests.Server;

/// <summary>What a message and an idle connection cost in memory.</summary>
public sealed class AllocationTests
{
    private const int Messages = 1000;

    private static readonly SmtpReply Queued = new(250, new(2, 0, 0), "Ok: queued");

    private static readonly byte[][] Steps =
    [
        [.. "MAIL FROM:<sender@src.example>\r\n"u8],
        [.. "RCPT TO:<recipient@relay.example>\r\n"u8],
        [.. "DATA\r\n"u8],
        Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(new string('x', 76) + "\r\n", 53)) + ".\r\n"),
    ];

    [Fact]
    public void A_message_of_4_KB_allocates_at_most_1_KB()
    {
        var (dialogue, output) = Greeted();
        SendMessages(dialogue, output, 10);
        var before = GC.GetAllocatedBytesForCurrentThread();
        SendMessages(dialogue, output, Messages);
        var each = (GC.GetAllocatedBytesForCurrentThread() - before) / Messages;
        Assert.InRange(each, 1, 1024);
    }

    [Fact]
    public void An_idle_connection_after_EHLO_holds_at_most_512_octets()
    {
        Greeted();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var dialogue = new ServerDialogue(DialogueScript.Options, DialogueScript.Limits);
        var size = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.NotNull(dialogue);
        Assert.InRange(size, 1, 512);
    }

    [Fact]
    public void A_large_message_allocates_nothing_for_its_body()
    {
        var (dialogue, output) = Greeted();
        SendMessages(dialogue, output, 10);
        foreach (var line in Steps.Take(3))
        {
            Step(dialogue, output, line);
        }

        var block = Steps[3].AsSpan()[..^3].ToArray();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 20; i++)
        {
            Step(dialogue, output, block);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(20 * block.Length, dialogue.BodyLength);
    }

    private static (ServerDialogue Dialogue, ArrayBufferWriter<byte> Output) Greeted()
    {
        var dialogue = new ServerDialogue(DialogueScript.Options, DialogueScript.Limits);
        var output = new ArrayBufferWriter<byte>(4096);
        Step(dialogue, output, [.. "EHLO client.example\r\n"u8]);
        return (dialogue, output);
    }

    private static void SendMessages(ServerDialogue dialogue, ArrayBufferWriter<byte> output, int count)
    {
        for (var i = 0; i < count; i++)
        {
            foreach (var step in Steps)
            {
                Step(dialogue, output, step);
            }
        }
    }

    private static void Step(ServerDialogue dialogue, ArrayBufferWriter<byte> output, byte[] octets)
    {
        var input = new ReadOnlySequence<byte>(octets);
        output.ResetWrittenCount();
        while (true)
        {
            switch (dialogue.Advance(ref input, output))
            {
                case DialogueStep.DecideMail:
                    dialogue.AcceptMail(output);
                    break;
                case DialogueStep.DecideRecipient:
                    dialogue.AcceptRecipient(output);
                    break;
                case DialogueStep.DecideBody:
                    dialogue.AcceptBody(output);
                    break;
                case DialogueStep.DecideMessage:
                    _ = dialogue.ToEnvelope();
                    dialogue.AcceptMessage(Queued, output);
                    break;
                case DialogueStep.NeedInput:
                    return;
                case DialogueStep.BodyBytes:
                    break;
                case var step:
                    Assert.Fail($"Unexpected {step}");
                    return;
            }
        }
    }
}
