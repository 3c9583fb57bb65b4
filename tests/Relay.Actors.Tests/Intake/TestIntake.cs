using System.Net;
using Relay.Actors.Intake;
using Relay.Messages.Intake;
using Relay.Policy.Decisions;
using Relay.Policy.Documents;
using Relay.Smtp.Addresses;

namespace Relay.Actors.Tests.Intake;

/// <summary>The room of a node, as a test says it is.</summary>
internal sealed class TestIntake
{
    private static readonly PolicySnapshot RelayNetworks = PolicySnapshot.Compile(
        PolicyParser.Parse("""{ "relay": { "networks": ["10.0.0.0/8", "fd00::/8"] } }"""u8.ToArray()).Document!, 1);

    public TestIntake(IntakeLimits? limits = null)
    {
        Limits = limits ?? new IntakeLimits();
        Ledger = new IntakeLedger(Limits, new SpoolShares(), () => Room);
    }

    public IntakeLimits Limits { get; }

    public IntakeLedger Ledger { get; }

    public IntakeRoom Room { get; set; } = new(1L << 40, true, 0);

    public TimeSpan Now { get; set; }

    public long HeldBytes => Ledger.Shares.HeldBytes;

    /// <summary>A sender by its name.</summary>
    public static ShareKey Sender(string user) =>
        ShareKey.Of(new ClientFacts(IPAddress.Loopback, "default", user), MailPath.Null, PolicySnapshot.WithoutPolicy(everyListenerIsLoopback: false));

    /// <summary>A client by its address; those of 10.0.0.0/8 and fd00::/8 may relay.</summary>
    public static ShareKey Client(string address, string sender = "a@b.example")
    {
        Assert.True(MailPath.TryParse(sender, out var path));
        return ShareKey.Of(new ClientFacts(IPAddress.Parse(address), "default", null), path, RelayNetworks);
    }

    public Admission Reserve(string sender, long? bytes, out ISpaceHold? hold) => Ledger.Reserve(Sender(sender), bytes, Now, out hold);

    public Admission Reserve(string sender, long? bytes) => Reserve(sender, bytes, out _);

    public Admission Reserve(ShareKey key, long? bytes) => Ledger.Reserve(key, bytes, Now, out _);

    public ISpaceHold Hold(long bytes, string sender = "alice") => Hold(Sender(sender), bytes);

    public ISpaceHold Hold(ShareKey key, long bytes)
    {
        Assert.Equal(Admission.Granted, Ledger.Reserve(key, bytes, Now, out var hold));
        return hold!;
    }
}
