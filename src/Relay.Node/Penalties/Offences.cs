using Relay.Node.Authentication;
using Relay.Node.Listeners;
using Relay.Smtp.Replies;
using Relay.Smtp.Server;

namespace Relay.Node.Penalties;

/// <summary>What counts towards a client's penalty.</summary>
internal enum Offence
{
    /// <summary>Nothing: an answer that says nothing against the client.</summary>
    None,

    /// <summary>A recipient was refused for good.</summary>
    Recipient,

    /// <summary>A command or a message was refused for good.</summary>
    Command,

    /// <summary>A login failed.</summary>
    Login,

    /// <summary>The conversation was ended for its errors, or for commands that carry no mail.</summary>
    ThrownOut,

    /// <summary>The client connects faster than <c>connections.ratePerClient</c>.</summary>
    Rate,

    /// <summary>The client spoke before it was greeted.</summary>
    Pregreet,
}

/// <summary>How much offences weigh, and what they are called.</summary>
internal static class Offences
{
    /// <summary>All that count.</summary>
    public static readonly IReadOnlyList<Offence> All = [.. Enum.GetValues<Offence>().Where(static offence => offence != Offence.None)];

    /// <summary>What a refusal counts as. What is refused for now is not held against a client: it comes again because we told it so.</summary>
    /// <param name="place">What was refused.</param>
    /// <param name="reply">The answer.</param>
    /// <param name="rule">The rule that decided; null for the protocol and its limits.</param>
    public static Offence Of(RefusalPlace place, SmtpReply reply, string? rule)
    {
        // Whatever rule refused the last of them.
        if (reply == CannedReplies.TooManyErrors || reply == CannedReplies.TooMuchJunk)
        {
            return Offence.ThrownOut;
        }

        if (rule == Authenticator.Rule)
        {
            return reply.IsPermanent || reply.Code == 421 ? Offence.Login : Offence.None;
        }

        if (rule == Pregreet.Rule)
        {
            return Offence.Pregreet;
        }

        return !reply.IsPermanent ? Offence.None : place == RefusalPlace.Recipient ? Offence.Recipient : Offence.Command;
    }

    /// <summary>How many refusals an offence counts as.</summary>
    public static int WeightOf(Offence offence) => offence switch
    {
        Offence.None => 0,
        Offence.Login => 2,
        Offence.ThrownOut or Offence.Pregreet => 10,
        _ => 1,
    };

    /// <summary>Its name in the log and in metrics.</summary>
    public static string NameOf(Offence offence) => offence switch
    {
        Offence.Recipient => "recipient",
        Offence.Command => "command",
        Offence.Login => "login",
        Offence.ThrownOut => "thrown-out",
        Offence.Rate => "rate",
        Offence.Pregreet => "pregreet",
        _ => "none",
    };
}
