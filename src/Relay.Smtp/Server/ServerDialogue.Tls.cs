using System.Buffers;
using Relay.Smtp.Commands;
using Relay.Smtp.Replies;

namespace Relay.Smtp.Server;

public sealed partial class ServerDialogue
{
    /// <summary>True after <see cref="TlsStarted"/>.</summary>
    public bool IsTls => Tls is not null;

    /// <summary>What the handshake settled; null without TLS.</summary>
    public TlsFacts? Tls { get; private set; }

    private bool CanStartTls => _options.OfferStartTls && !IsTls;

    /// <summary>Answers <see cref="DialogueStep.StartTls"/> with 220: a handshake is the next thing on the connection.</summary>
    /// <param name="output">Takes the reply.</param>
    public void AcceptTls(IBufferWriter<byte> output)
    {
        Answer(Decision.Tls);
        _pending = Decision.Handshake;
        ReplyWriter.Write(CannedReplies.TlsReady, output);
    }

    /// <summary>Answers <see cref="DialogueStep.StartTls"/> with 454: the conversation goes on as it was.</summary>
    /// <param name="output">Takes the reply.</param>
    public void RefuseTls(IBufferWriter<byte> output)
    {
        Answer(Decision.Tls);
        Refuse(CannedReplies.TlsNotAvailable, output);
    }

    /// <summary>
    /// The TLS handshake is done: everything learnt before it is forgotten (RFC 3207 section 4.2). Before the greeting it means that the
    /// connection began with TLS (RFC 8314 section 3.3).
    /// </summary>
    /// <param name="facts">What the handshake settled.</param>
    /// <exception cref="InvalidOperationException">Neither is STARTTLS accepted, nor is this before the greeting.</exception>
    public void TlsStarted(TlsFacts facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        if (_greeted || IsTls || _pending != Decision.None)
        {
            Answer(Decision.Handshake);
        }

        EndTransaction();
        Tls = facts;
        IsExtended = false;
        HeloName = null;
        User = null;
        _state = ConversationState.Connected;
    }

    private DialogueStep? StartTls(CommandLine command, IBufferWriter<byte> output)
    {
        if (!CanStartTls)
        {
            Refuse(IsTls ? CannedReplies.TlsAlready : CannedReplies.NotImplemented, output);
            return null;
        }

        return HasNoArgument(command, output) ? Ask(Decision.Tls, DialogueStep.StartTls) : null;
    }

    private Transition TransitionFor(SmtpVerb verb) =>
        _options.RequireTls && !IsTls && Transition.BeforeTls(verb) is { } refusal ? refusal : Transition.For(_state, verb);
}
