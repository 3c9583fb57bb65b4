using Relay.Policy.Decisions;

namespace Relay.Node.Listeners;

/// <summary>What one mail goes by from its MAIL to its end.</summary>
/// <param name="Policy">The policy for the whole transaction (I7).</param>
/// <param name="Client">Who sends it.</param>
/// <param name="BeganAt">When MAIL came, as a timestamp of the clock.</param>
internal sealed record GrantedMail(PolicySnapshot Policy, ClientFacts Client, long BeganAt);
