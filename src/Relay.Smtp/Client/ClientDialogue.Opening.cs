using System.Buffers;
using System.Text;
using Relay.Smtp.Replies;

namespace Relay.Smtp.Client;

/// <content>From the greeting to the first transaction: EHLO, STARTTLS, AUTH.</content>
public sealed partial class ClientDialogue
{
    private readonly ClientDemands _demands;
    private readonly AuthExchange? _auth;
    private SmtpReply? _ehloRefusal;

    /// <summary>True after <see cref="TlsStarted"/>.</summary>
    public bool IsTls { get; private set; }

    /// <summary>It goes on in the clear because TLS, which it asked for, was not to be had.</summary>
    private bool IsWithoutWantedTls { get; set; }

    /// <summary>
    /// The handshake that <see cref="ClientStep.StartTls"/> asked for is done. All that was learnt in the clear is forgotten, and EHLO is said
    /// again (RFC 3207 section 4.2). When the handshake failed, say <see cref="ConnectionLost"/>.
    /// </summary>
    /// <param name="output">Takes the command; what writes to the encrypted stream.</param>
    /// <exception cref="InvalidOperationException">No handshake was asked for.</exception>
    public void TlsStarted(IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        Require(ClientPhase.Handshake);
        _parser.Reset();
        Capabilities = ServerCapabilities.None;
        IsTls = true;
        Introduce(output);
    }

    private void OnGreeted(IBufferWriter<byte> output)
    {
        if (_parser.Code is >= 300 and < 400)
        {
            FailOutOfStep();
        }
        else if (_parser.Code >= 400 && !(_phase == ClientPhase.Ehlo && _parser.Code >= 500 && !_demands.IsLmtp))
        {
            Fail(_parser.ToReply());
        }
        else if (_parser.Code >= 500)
        {
            _ehloRefusal = _parser.ToReply();
            CommandWriter.Greet("HELO "u8, _hostName, output);
            _phase = ClientPhase.Helo;
        }
        else if (IsOurselves())
        {
            Close(new ClientFailure(Stage, ClientReplies.Loop, ClientFailureKind.Loop));
        }
        else if (_phase == ClientPhase.Greeting)
        {
            Introduce(output);
        }
        else
        {
            Capabilities = _phase == ClientPhase.Ehlo ? ServerCapabilities.Parse(_parser) : ServerCapabilities.None;
            Secure(output);
        }
    }

    private void Introduce(IBufferWriter<byte> output)
    {
        CommandWriter.Greet(_demands.IsLmtp ? "LHLO "u8 : "EHLO "u8, _hostName, output);
        _phase = ClientPhase.Ehlo;
    }

    /// <summary>
    /// Why the peer is of no use. What it refused EHLO with is the reason when it then says nothing to HELO, or nothing better: it is lost
    /// otherwise, and with it the only word of a peer that refuses and leaves. Where it only did not know EHLO, its reply to HELO tells more.
    /// </summary>
    private SmtpReply ReasonOf(SmtpReply reply) =>
        _phase == ClientPhase.Helo && _ehloRefusal is { } refusal && (refusal.Code is not (500 or 502) || reply == ClientReplies.ConnectionLost)
            ? refusal
            : reply;

    /// <summary>The peer names itself as we do. A mailbox server may share our host's name.</summary>
    private bool IsOurselves()
    {
        var position = 0;
        if (_demands.IsLmtp || !_parser.TryReadLine(ref position, out var line))
        {
            return false;
        }

        var end = line.IndexOf((byte)' ');
        return Ascii.EqualsIgnoreCase((end < 0 ? line : line[..end]).TrimEnd((byte)'.'), _hostName);
    }

    /// <summary>Some servers see only behind the handshake that it has failed for them (TLS 1.3), and leave without a word.</summary>
    private ClientFailureKind KindOf(SmtpReply reply) =>
        _phase is ClientPhase.StartTls or ClientPhase.Handshake || (_phase == ClientPhase.Ehlo && IsTls && reply == ClientReplies.ConnectionLost)
            ? ClientFailureKind.Tls
            : ClientFailureKind.Connection;

    private void Secure(IBufferWriter<byte> output)
    {
        if (IsTls || _demands.StartTls == StartTlsUse.Never)
        {
            Authenticate(output);
        }
        else if (Capabilities.HasStartTls)
        {
            output.Write("STARTTLS\r\n"u8);
            _phase = ClientPhase.StartTls;
        }
        else if (_demands.StartTls == StartTlsUse.Required)
        {
            Close(new ClientFailure(ClientStage.Tls, ClientReplies.TlsNotOffered, ClientFailureKind.Tls));
        }
        else
        {
            Authenticate(output);
        }
    }

    private void OnStartTls(IBufferWriter<byte> output)
    {
        if (_parser.Code == 220)
        {
            _phase = ClientPhase.Handshake;
        }
        else if (_parser.Code < 400)
        {
            FailOutOfStep();
        }
        else if (_demands.StartTls == StartTlsUse.Required)
        {
            Close(new ClientFailure(Stage, ClientReplies.TlsRefused(_parser.ToReply()), ClientFailureKind.Tls));
        }
        else
        {
            IsWithoutWantedTls = true;
            Authenticate(output);
        }
    }

    private void Authenticate(IBufferWriter<byte> output)
    {
        if (_auth is null)
        {
            _phase = ClientPhase.Ready;
        }
        else if (!IsTls)
        {
            FailAuth(ClientReplies.AuthNeedsTls);
        }
        else if (!_auth.TryBegin(Capabilities, output))
        {
            FailAuth(ClientReplies.NoMechanism);
        }
        else
        {
            _phase = ClientPhase.Auth;
        }
    }

    private void OnAuth(IBufferWriter<byte> output)
    {
        switch (_auth!.OnReply(_parser, output))
        {
            case AuthExchange.Answer.Known:
                _phase = ClientPhase.Ready;
                break;
            case AuthExchange.Answer.Refused:
                FailAuth(_auth.ToShow(_parser.ToReply()));
                break;
            case AuthExchange.Answer.OutOfStep:
                FailOutOfStep();
                break;
        }
    }

    private void FailAuth(SmtpReply reply) => Close(new ClientFailure(ClientStage.Auth, reply, ClientFailureKind.Authentication));
}
