using Relay.Messages.Accounts.Proto;
using Relay.Messages.Wire;
using Relay.Smtp.Authentication;

namespace Relay.Messages.Accounts;

/// <summary>The wire forms of this folder's messages.</summary>
internal static class AccountWire
{
    /// <summary>All of them.</summary>
    public static readonly WireType[] Types =
    [
        WireType.For<AccountMessages.AccountsTold, WireAccountsTold>("at", Write, WireAccountsTold.Parser, Read),
    ];

    private static WireAccountsTold Write(AccountMessages.AccountsTold told)
    {
        var form = new WireAccountsTold();
        form.Counts.AddRange(told.Counts.Select(static count => new WireAccountCount { User = count.User, Named = count.Named, Failed = count.Failed }));
        form.Holds.AddRange(told.Holds.Select(static hold => new WireAccountHold
        {
            User = hold.User,
            IsHeld = hold.IsHeld,
            AtUnixMilliseconds = hold.At.ToUnixTimeMilliseconds(),
            Reason = hold.Reason,
        }));
        return form;
    }

    private static AccountMessages.AccountsTold Read(WireAccountsTold form) =>
        form.Counts.Count <= AccountMessages.CountsMax && form.Holds.Count <= AccountMessages.HoldsMax
            ? new AccountMessages.AccountsTold([.. form.Counts.Select(Read)], [.. form.Holds.Select(Read)])
            : throw new FormatException("too many accounts");

    private static ToldCount Read(WireAccountCount form) => form.Named >= 0 && form.Failed >= 0
        ? new ToldCount(NameOf(form.User), form.Named, form.Failed)
        : throw new FormatException("fewer recipients than none");

    private static ToldHold Read(WireAccountHold form)
    {
        if (form.Reason.Length > AccountMessages.ReasonMax
            || form.AtUnixMilliseconds < DateTimeOffset.MinValue.ToUnixTimeMilliseconds()
            || form.AtUnixMilliseconds > DateTimeOffset.MaxValue.ToUnixTimeMilliseconds())
        {
            throw new FormatException("no hold of an account");
        }

        return new ToldHold(NameOf(form.User), form.IsHeld, DateTimeOffset.FromUnixTimeMilliseconds(form.AtUnixMilliseconds), form.Reason);
    }

    private static string NameOf(string name) => UserName.TryParse(name, out var user) && user == name
        ? name
        : throw new FormatException("no name of a user");
}
