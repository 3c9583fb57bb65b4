using Relay.Messages.Intake;
using Relay.Policy.Decisions;

namespace Relay.Node.Listeners;

/// <summary>What one mail goes by from its MAIL to its end.</summary>
/// <param name="Policy">The policy for the whole transaction (I7).</param>
/// <param name="Client">Who sends it.</param>
/// <param name="BeganAt">When MAIL came, as a timestamp of the clock.</param>
/// <param name="Hold">The room that is held for it.</param>
internal sealed record GrantedMail(PolicySnapshot Policy, ClientFacts Client, long BeganAt, ISpaceHold Hold);
