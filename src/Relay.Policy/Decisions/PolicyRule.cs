namespace Relay.Policy.Decisions;

/// <summary>A rule that decides, by its name, and where it is written.</summary>
/// <param name="Name">A key of the document like <c>relay.networks["10.0.0.0/8"]</c>, or <c>default.…</c>.</param>
/// <param name="Place">As in <see cref="Verdict"/>.</param>
internal readonly record struct PolicyRule(string Name, string? Place = null);
