using Relay.Smtp.Commands;
using Relay.Smtp.Replies;

namespace Relay.Smtp.Server;

/// <summary>What a command does in a state.</summary>
internal enum DialogueAction : byte
{
    /// <summary>Answer with the transition's reply and stay.</summary>
    Refuse,

    /// <summary>Answer with the transition's reply, then close.</summary>
    RefuseAndClose,

    /// <summary>Answer with the transition's reply, then drop the octets of the chunk.</summary>
    RefuseChunk,
    Greet,
    OpenMail,
    AddRecipient,
    StartData,
    TakeChunk,
    Reset,
    DoNothing,
    Verify,
    Help,
    StartTls,
    Authenticate,
    Quit,
}

/// <summary>The transition table of the server dialogue: state and verb to action or reply (RFC 5321 section 4.1.4).</summary>
/// <param name="Action">What to do.</param>
/// <param name="Reply">The reply of a refusal, else null.</param>
internal readonly record struct Transition(DialogueAction Action, SmtpReply? Reply = null)
{
    private const int States = 5;

    private static readonly Transition Unknown = Refuse(CannedReplies.Unrecognised);
    private static readonly Transition HelloFirst = Refuse(CannedReplies.HelloFirst);
    private static readonly Transition MailFirst = Refuse(CannedReplies.MailFirst);
    private static readonly Transition NestedMail = Refuse(CannedReplies.NestedMail);
    private static readonly Transition AddRecipient = new(DialogueAction.AddRecipient);
    private static readonly Transition ChunksBegun = Refuse(CannedReplies.ChunksBegun);
    private static readonly Transition Greet = new(DialogueAction.Greet);
    private static readonly Transition Reset = new(DialogueAction.Reset);
    private static readonly Transition StartTls = new(DialogueAction.StartTls);
    private static readonly Transition TlsFirst = Refuse(CannedReplies.TlsFirst);

    private static readonly Transition[] Table = Build(
    [
        // The cells are: Connected, Greeted, SenderGiven, RecipientGiven, Chunking; or one for all of them.
        Row(SmtpVerb.Ehlo, Greet),
        Row(SmtpVerb.Helo, Greet),
        Row(SmtpVerb.Mail, HelloFirst, Do(DialogueAction.OpenMail), NestedMail, NestedMail, ChunksBegun),
        Row(SmtpVerb.Rcpt, HelloFirst, MailFirst, AddRecipient, AddRecipient, ChunksBegun),
        Row(SmtpVerb.Data, HelloFirst, MailFirst, Refuse(CannedReplies.NoRecipients), Do(DialogueAction.StartData), ChunksBegun),
        Row(SmtpVerb.Bdat, DropChunk(CannedReplies.HelloFirst), DropChunk(CannedReplies.MailFirst), DropChunk(CannedReplies.NoRecipients),
            Do(DialogueAction.TakeChunk), Do(DialogueAction.TakeChunk)),
        Row(SmtpVerb.Rset, Reset),
        Row(SmtpVerb.Noop, Do(DialogueAction.DoNothing)),
        Row(SmtpVerb.Vrfy, Do(DialogueAction.Verify)),
        Row(SmtpVerb.Help, Do(DialogueAction.Help)),
        Row(SmtpVerb.Quit, Do(DialogueAction.Quit)),
        Row(SmtpVerb.StartTls, HelloFirst, StartTls, StartTls, StartTls, ChunksBegun),
        Row(SmtpVerb.Auth, Do(DialogueAction.Authenticate)),
        Row(SmtpVerb.Unserved, Refuse(CannedReplies.NotImplemented)),
        Row(SmtpVerb.Impersonation, Refuse(CannedReplies.NotPermitted)),
        Row(SmtpVerb.Proxy, new Transition(DialogueAction.RefuseAndClose, CannedReplies.NoProxy)),
        Row(SmtpVerb.Http, new Transition(DialogueAction.RefuseAndClose, CannedReplies.NotSmtp)),
    ]);

    /// <summary>Looks the table up.</summary>
    public static Transition For(ConversationState state, SmtpVerb verb) => Table[((int)verb * States) + (int)state];

    /// <summary>What a listener that demands TLS says before it, in every state; null where the table holds.</summary>
    public static Transition? BeforeTls(SmtpVerb verb) => verb switch
    {
        SmtpVerb.Mail or SmtpVerb.Rcpt or SmtpVerb.Data or SmtpVerb.Auth or SmtpVerb.Vrfy => TlsFirst,
        SmtpVerb.Bdat => DropChunk(CannedReplies.TlsFirst),
        _ => null,
    };

    private static Transition Do(DialogueAction action) => new(action);

    private static Transition Refuse(SmtpReply reply) => new(DialogueAction.Refuse, reply);

    private static Transition DropChunk(SmtpReply reply) => new(DialogueAction.RefuseChunk, reply);

    private static (SmtpVerb Verb, Transition[] Cells) Row(SmtpVerb verb, Transition always) =>
        Row(verb, always, always, always, always, always);

    private static (SmtpVerb Verb, Transition[] Cells) Row(SmtpVerb verb, params Transition[] cells) => (verb, cells);

    private static Transition[] Build((SmtpVerb Verb, Transition[] Cells)[] rows)
    {
        var table = new Transition[Enum.GetValues<SmtpVerb>().Length * States];
        Array.Fill(table, Unknown);
        foreach (var (verb, cells) in rows)
        {
            cells.CopyTo(table, (int)verb * States);
        }

        return table;
    }
}
