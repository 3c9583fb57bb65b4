using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using CsCheck;
using Relay.Smtp.Client;
using Relay.Smtp.Envelopes;
using Relay.Smtp.Replies;
using Relay.Smtp.Server;

namespace Relay.Smtp.Tests.Client;

/// <summary>Our client talks to our server over a stream cut at random: what one sends is what the other keeps.</summary>
public sealed class ClientAgainstServerTests
{
    private static readonly Gen<byte[]> Line = Gen.OneOf(
        Gen.Int[0, 4].Select(dots => Enumerable.Repeat((byte)'.', dots).ToArray()),
        Gen.Byte.Array[0, 60].Select(octets => Array.FindAll(octets, octet => octet is not (0 or (byte)'\r' or (byte)'\n'))));

    private static readonly Gen<byte[]> Content = Line.Array[0, 12].Select(lines =>
        lines.Aggregate("Subject: x\r\n\r\n"u8.ToArray(), (content, line) => [.. content, .. line, .. "\r\n"u8]));

    private static readonly Gen<string[]> Recipients =
        Gen.Int[0, 3].Select(i => new[] { "ok@b.test", "never@b.test", "later@b.test", "жук@b.test" }[i]).Array[1, 6];

    [Fact]
    public void What_the_client_sends_is_what_the_server_keeps() =>
        Gen.Select(Gen.Select(Content, Recipients).Array[1, 3], Gen.Int[1, 200].Array[1, 10], Gen.Bool).Sample(
            (mails, cuts, hasChunks) => new Link(cuts, hasChunks).Run([.. mails.Select(mail => Of(mail.Item1, mail.Item2))]),
            iter: 3_000);

    private static Mail Of(byte[] content, string[] recipients)
    {
        var mail = Mail.To(recipients);
        return new Mail(mail.Transaction with { Size = content.Length, Has8Bit = content.Any(octet => octet > 127) }, content);
    }

    private sealed class Link(int[] cuts, bool hasChunks)
    {
        private readonly ClientDialogue _client = new(new ClientDialogueOptions("client.test"));
        private readonly ServerDialogue _server =
            new(new ServerDialogueOptions { HostName = "mx.test" }, new MessageLimits(1_000_000, 100, 100));

        private readonly ArrayBufferWriter<byte> _toServer = new();
        private readonly ArrayBufferWriter<byte> _toClient = new();
        private readonly List<(Envelope Envelope, byte[] Content)> _kept = [];
        private byte[] _serverInput = [];
        private List<byte> _body = [];
        private int _toServerRead;
        private int _toClientRead;
        private int _cut;

        public void Run(IReadOnlyList<Mail> mails)
        {
            _server.WriteGreeting(_toClient);
            var expected = new List<Mail>();
            foreach (var mail in mails)
            {
                Assert.Equal(ClientStep.Ready, Talk());
                _client.Begin(mail.Transaction, _toServer);
                var step = Talk();
                if (step == ClientStep.SendBody)
                {
                    _client.WriteBody(mail.Content, _toServer);
                    _client.EndBody(_toServer);
                    step = Talk();
                }

                Assert.Equal(ClientStep.TransactionDone, step);
                Assert.Equal(mail.Transaction.Envelope.Recipients.Select(Fate), _client.Outcomes.Select(outcome => outcome.Kind));
                if (_client.Outcomes.Any(outcome => outcome.Kind == OutcomeKind.Delivered))
                {
                    expected.Add(mail);
                }
            }

            Assert.Equal(ClientStep.Ready, Talk());
            _client.Quit(_toServer);
            Assert.Equal(ClientStep.Closed, Talk());
            Assert.Equal(expected.Select(mail => Convert.ToHexString(mail.Content)), _kept.Select(kept => Convert.ToHexString(kept.Content)));
            Assert.Equal(
                expected.Select(mail => mail.Transaction.Envelope.Recipients.Where(to => Fate(to) == OutcomeKind.Delivered)),
                _kept.Select(kept => kept.Envelope.Recipients.AsEnumerable()));
        }

        private static OutcomeKind Fate(EnvelopeRecipient recipient) => recipient.Path.LocalPart switch
        {
            "never" => OutcomeKind.Bounced,
            "later" => OutcomeKind.Deferred,
            _ => OutcomeKind.Delivered,
        };

        /// <summary>Carries octets both ways until the client wants something of its owner.</summary>
        private ClientStep Talk()
        {
            while (true)
            {
                var input = new ReadOnlySequence<byte>(Carry(_toClient, ref _toClientRead));
                var step = _client.Advance(ref input, _toServer);
                if (step != ClientStep.NeedInput)
                {
                    return step;
                }

                var arrived = Carry(_toServer, ref _toServerRead);
                Assert.True(arrived.Length > 0 || _toClientRead < _toClient.WrittenCount, "both sides wait");
                Serve([.. _serverInput, .. arrived]);
            }
        }

        /// <summary>A server without CHUNKING, so that DATA is spoken.</summary>
        private void HideChunks()
        {
            var offer = _toClient.WrittenSpan.IndexOf("CHUNKING"u8);
            if (!hasChunks && offer >= 0)
            {
                "X-NOTHIN"u8.CopyTo(MemoryMarshal.AsMemory(_toClient.WrittenMemory).Span[offer..]);
            }
        }

        private byte[] Carry(ArrayBufferWriter<byte> stream, ref int read)
        {
            var length = Math.Min(cuts[_cut++ % cuts.Length], stream.WrittenCount - read);
            var octets = stream.WrittenSpan.Slice(read, length).ToArray();
            read += length;
            return octets;
        }

        private void Serve(byte[] octets)
        {
            var input = new ReadOnlySequence<byte>(octets);
            while (_server.Advance(ref input, _toClient) is var step and not (DialogueStep.NeedInput or DialogueStep.Close))
            {
                Decide(step);
            }

            _serverInput = input.ToArray();
            HideChunks();
        }

        private void Decide(DialogueStep step)
        {
            switch (step)
            {
                case DialogueStep.DecideMail:
                    _server.AcceptMail(_toClient);
                    break;
                case DialogueStep.DecideRecipient when Fate(_server.Candidate!) == OutcomeKind.Delivered:
                    _server.AcceptRecipient(_toClient);
                    break;
                case DialogueStep.DecideRecipient:
                    var code = Fate(_server.Candidate!) == OutcomeKind.Bounced ? 550 : 450;
                    _server.RefuseRecipient(new SmtpReply(code, EnhancedStatus.None, "no"), _toClient);
                    break;
                case DialogueStep.DecideBody:
                    _body = [];
                    _server.AcceptBody(_toClient);
                    break;
                case DialogueStep.BodyBytes:
                    _body.AddRange(_server.Body.ToArray());
                    break;
                case DialogueStep.DecideMessage:
                    _kept.Add((_server.ToEnvelope(), [.. _body]));
                    _server.AcceptMessage(new SmtpReply(250, new EnhancedStatus(2, 0, 0), "Ok"), _toClient);
                    break;
                default:
                    Assert.Fail($"{step} from {Encoding.Latin1.GetString(_toServer.WrittenSpan)}");
                    break;
            }
        }
    }
}
