namespace Relay.Flood.Attacks;

/// <summary>Nobody attacks: how far the figures of two equal phases differ by chance.</summary>
internal sealed class NoAttack : IAttack
{
    public Task RunAsync(AttackContext context, CancellationToken cancellationToken) => Task.CompletedTask;
}
