using System.Buffers;
using System.IO.Pipelines;
using Relay.Smtp.Server;

namespace Relay.Node.Tests.Authentication;

/// <summary>Brings a dialogue under TLS without a handshake.</summary>
internal static class TestDialogues
{
    public static void StartTls(ServerDialogue dialogue, PipeWriter output, TlsFacts facts)
    {
        foreach (var line in new[] { "EHLO client.example\r\n", "STARTTLS\r\n" })
        {
            var input = new ReadOnlySequence<byte>(System.Text.Encoding.ASCII.GetBytes(line));
            dialogue.Advance(ref input, output);
        }

        dialogue.AcceptTls(output);
        dialogue.TlsStarted(facts);
        var greeting = new ReadOnlySequence<byte>("EHLO client.example\r\n"u8.ToArray());
        Assert.Equal(DialogueStep.NeedInput, dialogue.Advance(ref greeting, output));
    }
}
