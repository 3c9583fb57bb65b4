using System.Globalization;
using System.Text;
using Relay.Flood.Load;

namespace Relay.Flood.Attacks;

/// <summary>How the attackers of a <see cref="MailAttack"/> behave.</summary>
internal sealed record MailAttackShape
{
    /// <summary>Attackers, each with an address of its own.</summary>
    public required int Attackers { get; init; }

    /// <summary>Connections at once, all attackers together.</summary>
    public required int Workers { get; init; }

    /// <summary>MAIL commands in one write; all but the last are taken back by RSET.</summary>
    public int Depth { get; init; } = 1;

    /// <summary>Does an attacker come to all nodes? Else to one of its own.</summary>
    public bool EveryNode { get; init; }

    /// <summary>Is a new attacker drawn for each message, over a connection of its own? Else a worker is one attacker.</summary>
    public bool AnyAttacker { get; init; }

    /// <summary>Content octets.</summary>
    public required int Octets { get; init; }

    /// <summary>Whom the mail is for.</summary>
    public required string Recipient { get; init; }
}

/// <summary>Attackers that send mail: too much of it, too large, for a destination that is dead, or from everywhere.</summary>
internal sealed class MailAttack : PacedAttack
{
    private readonly MailAttackShape _shape;
    private readonly byte[] _body;

    public MailAttack(double rate, MailAttackShape shape)
        : base(rate, shape.Workers)
    {
        _shape = shape;
        _body = MessageText.Build(shape.Octets, "attack");
    }

    protected override int AttemptsPerArrival => _shape.Depth;

    protected override async Task<SmtpTalk?> AttemptAsync(
        int worker, long number, SmtpTalk? kept, AttackContext context, CancellationToken cancellationToken)
    {
        // Coprime to any usual number of attackers: a walk over all of them that looks like none.
        var attacker = (int)(_shape.AnyAttacker ? number * 7919 % _shape.Attackers : worker % _shape.Attackers);
        var talk = kept;
        try
        {
            talk ??= await context.OpenAsync(attacker, context.TargetOf(NodeOf(worker, attacker)), withHello: true, cancellationToken);
            if (talk is null || !await SendAsync(talk, attacker, context, cancellationToken) || _shape.AnyAttacker)
            {
                talk?.Cut();
                return null;
            }

            return talk;
        }
        catch
        {
            talk?.Cut();
            throw;
        }
    }

    private int NodeOf(int worker, int attacker) => _shape.EveryNode ? worker : attacker;

    /// <returns>False when the connection is over.</returns>
    private async Task<bool> SendAsync(SmtpTalk talk, int attacker, AttackContext context, CancellationToken cancellationToken)
    {
        await talk.WriteAsync(Commands(attacker, context), cancellationToken);
        for (var i = 1; i < _shape.Depth; i++)
        {
            if (!await ReadMailAsync(talk, attacker, context, cancellationToken) || (await ReadAsync(talk, context, cancellationToken)).IsClosing)
            {
                return false;
            }
        }

        if (!await ReadMailAsync(talk, attacker, context, cancellationToken))
        {
            return false;
        }

        var data = await ReadAsync(talk, context, cancellationToken);
        if (data.Code == 354)
        {
            await talk.WriteAsync(_body, cancellationToken);
            data = await ReadAsync(talk, context, cancellationToken);
            if (data.IsPositive)
            {
                context.Tally.CountLanded();
            }
        }

        return !data.IsClosing;
    }

    private string Commands(int attacker, AttackContext context)
    {
        var text = new StringBuilder();
        for (var i = 0; i < _shape.Depth; i++)
        {
            var verb = i == _shape.Depth - 1 ? "DATA" : "RSET";
            text.Append(CultureInfo.InvariantCulture, $"MAIL FROM:<a@a{attacker}.attacker.example>\r\nRCPT TO:<{_shape.Recipient}>\r\n{verb}\r\n");
        }

        return text.ToString();
    }

    /// <summary>Reads what MAIL and RCPT got.</summary>
    private static async Task<bool> ReadMailAsync(SmtpTalk talk, int attacker, AttackContext context, CancellationToken cancellationToken)
    {
        var mail = await ReadAsync(talk, context, cancellationToken);
        if (mail.IsPositive)
        {
            context.Tally.CountAdmitted(attacker);
        }

        return !mail.IsClosing && !(await ReadAsync(talk, context, cancellationToken)).IsClosing;
    }

    private static async Task<TalkReply> ReadAsync(SmtpTalk talk, AttackContext context, CancellationToken cancellationToken)
    {
        var reply = await talk.ReadAsync(cancellationToken);
        context.Tally.Replies.Add(reply);
        return reply;
    }
}
