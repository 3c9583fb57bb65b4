using System.Buffers;
using Relay.Smtp.Client;

namespace Relay.Smtp.Tests.Client;

public sealed class ClientDialogueAllocationTests
{
    private const int Messages = 1000;
    private const long OctetsPerMessageMax = 600;

    [Fact]
    public void A_message_on_a_reused_connection_costs_a_few_small_objects()
    {
        var mail = Mail.Of(Mail.Sender, string.Concat(Enumerable.Repeat(new string('x', 78) + "\r\n", 51)), "a@b.test");
        var output = new ArrayBufferWriter<byte>(16 * 1024);
        var dialogue = new ClientDialogue(new ClientDialogueOptions("relay.test"));
        Say(dialogue, output, "220 x\r\n250-x\r\n250-SIZE 1000000\r\n250 PIPELINING\r\n"u8.ToArray());
        var envelopeReplies = "250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n354 End data with <CR><LF>.<CR><LF>\r\n"u8.ToArray();
        var finalReply = "250 2.0.0 Ok: queued as 4hFmfX1vC2z9s6P\r\n"u8.ToArray();
        Send(10);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Send(Messages);
        var octets = (GC.GetAllocatedBytesForCurrentThread() - before) / Messages;
        Assert.InRange(octets, 1, OctetsPerMessageMax);

        void Send(int count)
        {
            for (var i = 0; i < count; i++)
            {
                output.ResetWrittenCount();
                dialogue.Begin(mail.Transaction, output);
                Assert.True(Say(dialogue, output, envelopeReplies) == ClientStep.SendBody);
                dialogue.WriteBody(mail.Content, output);
                dialogue.EndBody(output);
                Assert.True(Say(dialogue, output, finalReply) == ClientStep.TransactionDone);
            }
        }
    }

    private static ClientStep Say(ClientDialogue dialogue, ArrayBufferWriter<byte> output, byte[] octets)
    {
        var input = new ReadOnlySequence<byte>(octets);
        return dialogue.Advance(ref input, output);
    }
}
