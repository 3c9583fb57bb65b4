using System.Buffers;
using System.Text;
using Relay.Smtp.Authentication;
using Relay.Smtp.Replies;
using Relay.Smtp.Server;

namespace Relay.Smtp.Tests.Server;

/// <summary>Drives a dialogue as a connection would, and writes down everything that can be seen of it.</summary>
/// <remarks>
/// Accepts all, but for: sender or recipient <c>refuse@</c> (550), <c>defer@</c> (450), <c>leave@</c> (421); sender <c>full@</c>, whose
/// body is refused (452); sender <c>late@</c>, whose message is refused (451). The users are <c>user</c> of RFC 7677 and
/// <c>cert.example</c>; <c>busy</c> gets 454 and <c>leave</c> 421 to AUTH.
/// </remarks>
internal sealed class ScriptedOwner
{
    /// <summary>The second part of the nonce in RFC 7677.</summary>
    public const string Nonce = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";

    private static readonly ScramVerifier Verifier =
        ScramVerifier.FromPassword("pencil"u8, Convert.FromBase64String("W22ZaJ0SNY7soEsUEjb6gQ=="), 4096);

    private static readonly ScramVerifier Nobody = ScramVerifier.FromPassword("\u0001"u8, new byte[16], 4096);

    private readonly ArrayBufferWriter<byte> _output = new();
    private readonly ArrayBufferWriter<byte> _body = new();
    private readonly List<string> _transcript = [];
    private byte[] _unread = [];

    public ScriptedOwner(ServerDialogue dialogue) => Dialogue = dialogue;

    public ServerDialogue Dialogue { get; }

    public bool IsClosed { get; private set; }

    public int MessagesAccepted { get; private set; }

    /// <summary>No handshake may begin.</summary>
    public bool IsBusy { get; init; }

    /// <summary>Whom the client's certificate names.</summary>
    public string? Identity { get; init; }

    public IReadOnlyList<string> Transcript => _transcript;

    public int UnreadOctets => _unread.Length;

    public long OctetsAppended { get; private set; }

    /// <summary>Whether the last message had octets over 127 in its header.</summary>
    public bool HeaderHad8Bit { get; private set; }

    public void Greet()
    {
        Dialogue.WriteGreeting(_output);
        TakeReplies();
    }

    /// <summary>Octets arrive, in segments of at most <paramref name="segment"/>.</summary>
    public void Feed(ReadOnlySpan<byte> octets, int segment = int.MaxValue)
    {
        if (IsClosed)
        {
            return;
        }

        var input = Segments.Of([.. _unread, .. octets], segment);
        while (true)
        {
            var before = input.Length;
            var step = Dialogue.Advance(ref input, _output);
            Assert.True(input.Length <= before);
            TakeReplies();
            Perform(step, ref input);
            if (step is DialogueStep.NeedInput or DialogueStep.Close)
            {
                break;
            }
        }

        _unread = input.ToArray();
    }

    public override string ToString() => string.Join('\n', _transcript);

    private void Perform(DialogueStep step, ref ReadOnlySequence<byte> input)
    {
        switch (step)
        {
            case DialogueStep.DecideMail:
                Decide(Dialogue.Sender!.LocalPart, Dialogue.AcceptMail, Dialogue.RefuseMail);
                break;
            case DialogueStep.DecideRecipient:
                Decide(Dialogue.Candidate!.Path.LocalPart, Dialogue.AcceptRecipient, Dialogue.RefuseRecipient);
                break;
            case DialogueStep.DecideBody when Dialogue.Sender!.LocalPart == "full":
                Dialogue.RefuseBody(new SmtpReply(452, new(4, 3, 1), "Spool is full"), _output);
                break;
            case DialogueStep.DecideBody:
                Dialogue.AcceptBody(_output);
                break;
            case DialogueStep.BodyBytes:
                Assert.False(Dialogue.Body.IsEmpty);
                _body.Write(Dialogue.Body.ToArray().AsSpan());
                OctetsAppended += Dialogue.Body.Length;
                break;
            case DialogueStep.DecideMessage:
                DecideMessage();
                break;
            case DialogueStep.BodyAbandoned:
                _body.Clear();
                _transcript.Add("=: abandoned");
                break;
            case DialogueStep.StartTls when IsBusy:
                Dialogue.RefuseTls(_output);
                break;
            case DialogueStep.StartTls:
                Dialogue.AcceptTls(_output);
                TakeReplies();
                _transcript.Add("=: tls");
                input = input.Slice(input.End);
                Dialogue.TlsStarted(new TlsFacts("TLS 1.3", "TLS_AES_256_GCM_SHA384", Identity));
                break;
            case DialogueStep.FindVerifier when Dialogue.Claim!.User == "busy":
            case DialogueStep.DecideAuthentication when Dialogue.Claim!.User == "busy":
                Dialogue.RefuseAuthentication(new SmtpReply(454, new(4, 7, 0), "Busy"), _output);
                break;
            case DialogueStep.FindVerifier when Dialogue.Claim!.User == "leave":
            case DialogueStep.DecideAuthentication when Dialogue.Claim!.User == "leave":
                Dialogue.RefuseAuthentication(new SmtpReply(421, new(4, 7, 0), "Go away"), _output);
                break;
            case DialogueStep.FindVerifier:
                Dialogue.GiveVerifier(Dialogue.Claim!.User == "user" ? Verifier : Nobody, Nonce, _output);
                break;
            case DialogueStep.DecideAuthentication:
                DecideAuthentication(Dialogue.Claim!);
                break;
            case DialogueStep.Close:
                _transcript.Add("=: close");
                IsClosed = true;
                break;
        }

        TakeReplies();
    }

    private void Decide(string local, Action<IBufferWriter<byte>> accept, Action<SmtpReply, IBufferWriter<byte>> refuse)
    {
        switch (local)
        {
            case "refuse":
                refuse(new SmtpReply(550, new(5, 7, 1), "Relaying denied"), _output);
                break;
            case "defer":
                refuse(new SmtpReply(450, new(4, 7, 1), "Try later"), _output);
                break;
            case "leave":
                refuse(new SmtpReply(421, new(4, 3, 2), "Shutting down"), _output);
                break;
            default:
                accept(_output);
                break;
        }
    }

    private void DecideAuthentication(AuthenticationClaim claim)
    {
        var isGood = claim.Mechanism switch
        {
            SaslMechanism.External => claim is { User: "cert.example", IsProven: true },
            SaslMechanism.ScramSha256 => claim is { User: "user", IsProven: true },
            _ => claim.User == "user" && Verifier.IsOf(claim.Password.Span),
        };
        if (isGood)
        {
            _transcript.Add($"=: login {claim.User}");
            Dialogue.AcceptAuthentication(claim.User, _output);
        }
        else
        {
            Dialogue.RefuseAuthentication(CannedReplies.LoginFailed, _output);
        }
    }

    private void DecideMessage()
    {
        var envelope = Dialogue.ToEnvelope();
        var content = _body.WrittenSpan.ToArray();
        Assert.Equal(content.Length, Dialogue.BodyLength);
        Assert.Equal(!Ascii.IsValid(content), Dialogue.BodyHas8Bit);
        HeaderHad8Bit = Dialogue.HeaderHas8Bit;
        _body.Clear();
        if (envelope.Sender.LocalPart == "late")
        {
            Dialogue.RefuseMessage(new SmtpReply(451, new(4, 3, 0), "Not now"), _output);
            return;
        }

        var recipients = string.Join(' ', envelope.Recipients.Select(r => r.Path.ToString()));
        _transcript.Add($"=: message {envelope.Sender} to {recipients} {DialogueScript.Escape(content)}");
        MessagesAccepted++;
        Dialogue.AcceptMessage(new SmtpReply(250, new(2, 0, 0), "Ok: queued"), _output);
        Assert.True(Dialogue.IsBetweenTransactions);
    }

    private void TakeReplies()
    {
        var text = Encoding.Latin1.GetString(_output.WrittenSpan);
        _output.Clear();
        if (text.Length == 0)
        {
            return;
        }

        Assert.EndsWith("\r\n", text, StringComparison.Ordinal);
        foreach (var line in text[..^2].Split("\r\n"))
        {
            Assert.Matches("^[2-5][0-9][0-9][ -][ -~]*$", line);
            Assert.InRange(line.Length, 4, ReplyWriter.LineMax - 2);
            _transcript.Add("S: " + line);
        }
    }
}
