using System.Buffers;
using System.Text;
using CsCheck;
using Relay.Smtp.Client;

namespace Relay.Smtp.Tests.Client;

/// <summary>Random servers that answer every command in step, against a model that is written as the rules read.</summary>
public sealed class ClientDialogueProperties
{
    private static readonly Gen<int> Code = Gen.Int[0, 9].Select(i => i < 6 ? 250 : new[] { 450, 550, 552, 421 }[i - 6]);

    private sealed record Server(bool IsPipelining, int Mail, int[] Recipients, int Data, int Dot)
    {
        public override string ToString() => $"pipelining={IsPipelining} {Mail} [{string.Join(' ', Recipients)}] {Data} {Dot}";
    }

    private static readonly Gen<Server> AnyServer = Gen.Select(
        Gen.Bool,
        Code,
        Code.Array[1, 5],
        Code,
        Code,
        (pipelining, mail, recipients, data, dot) => new Server(pipelining, mail, recipients, data == 250 ? 354 : data, dot));

    [Fact]
    public void Fates_are_those_of_the_model_for_any_server_in_step() =>
        AnyServer.Sample(server => Assert.Equal(Model(server), Play(server)), iter: 20_000);

    private static List<string> Model(Server server)
    {
        var fates = new string?[server.Recipients.Length];
        if (server.Mail != 250)
        {
            return [.. fates.Select(_ => Fate(server.Mail, "Mail"))];
        }

        var accepted = 0;
        for (var i = 0; i < fates.Length; i++)
        {
            var code = server.Recipients[i];
            if (code == 421)
            {
                return [.. fates.Select(fate => fate ?? "Deferred Rcpt 421")];
            }

            fates[i] = code switch
            {
                250 => null,
                552 when accepted > 0 => "Deferred Rcpt 552",
                _ => Fate(code, "Rcpt"),
            };
            accepted += code == 250 ? 1 : 0;
        }

        var last = server.Data == 354 ? Fate(server.Dot, "EndOfData") : Fate(server.Data, "Data");
        return [.. fates.Select(fate => fate ?? last)];
    }

    private static string Fate(int code, string stage) =>
        $"{(code < 300 ? "Delivered" : code < 500 ? "Deferred" : "Bounced")} {stage} {code}";

    private static List<string> Play(Server server)
    {
        var mail = Mail.To([.. server.Recipients.Select((_, i) => $"r{i}@b.test")]);
        var output = new ArrayBufferWriter<byte>();
        var dialogue = new ClientDialogue(new ClientDialogueOptions("relay.test"));
        Say(dialogue, output, "220 x\r\n");
        Say(dialogue, output, server.IsPipelining ? "250-x\r\n250 PIPELINING\r\n" : "250 x\r\n");
        output.ResetWrittenCount();
        dialogue.Begin(mail.Transaction, output);
        var step = ClientStep.NeedInput;
        var recipient = 0;
        while (step is ClientStep.NeedInput or ClientStep.SendBody)
        {
            if (step == ClientStep.SendBody)
            {
                output.ResetWrittenCount();
                dialogue.WriteBody(mail.Content, output);
                dialogue.EndBody(output);
                step = Say(dialogue, output, $"{server.Dot} x\r\n");
                continue;
            }

            var commands = Encoding.ASCII.GetString(output.WrittenSpan).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
            Assert.NotEmpty(commands);
            output.ResetWrittenCount();
            var replies = commands.Select(command => command[0] switch
            {
                'M' => server.Mail,
                'R' => server.Recipients[recipient++],
                'D' => server.Data,
                _ => 554,
            });
            step = Say(dialogue, output, string.Concat(replies.Select(code => $"{code} x\r\n")));
        }

        return [.. dialogue.Outcomes.Select(outcome => $"{outcome.Kind} {outcome.Stage} {outcome.Reply.Code}")];
    }

    private static ClientStep Say(ClientDialogue dialogue, ArrayBufferWriter<byte> output, string text)
    {
        var input = new ReadOnlySequence<byte>(Encoding.ASCII.GetBytes(text));
        return dialogue.Advance(ref input, output);
    }
}
