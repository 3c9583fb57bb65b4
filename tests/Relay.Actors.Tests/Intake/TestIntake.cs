using System.Net;
using Relay.Actors.Intake;
using Relay.Messages.Intake;
using Relay.Policy.Decisions;
using Relay.Smtp.Addresses;

namespace Relay.Actors.Tests.Intake;

/// <summary>The room of a node, as a test says it is.</summary>
internal sealed class TestIntake
{
    public TestIntake(IntakeLimits? limits = null)
    {
        Limits = limits ?? new IntakeLimits();
        Ledger = new IntakeLedger(Limits, new SpoolShares(), () => Room);
    }

    public IntakeLimits Limits { get; }

    public IntakeLedger Ledger { get; }

    public IntakeRoom Room { get; set; } = new(1L << 40, true, 0);

    public long HeldBytes => Ledger.Shares.HeldBytes;

    /// <summary>A sender by its name.</summary>
    public static ShareKey Sender(string user) =>
        ShareKey.Of(new ClientFacts(IPAddress.Loopback, "default", user), MailPath.Null, PolicySnapshot.WithoutPolicy(everyListenerIsLoopback: false));

    public Admission Reserve(string sender, long? bytes, out ISpaceHold? hold) => Ledger.Reserve(Sender(sender), bytes, out hold);

    public Admission Reserve(string sender, long? bytes) => Reserve(sender, bytes, out _);

    public ISpaceHold Hold(long bytes, string sender = "alice")
    {
        Assert.Equal(Admission.Granted, Reserve(sender, bytes, out var hold));
        return hold!;
    }
}
