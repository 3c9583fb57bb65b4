namespace Relay.Actors.Tests;

/// <summary>Tests of one actor. What must come is waited for so long that a busy machine is not mistaken for a defect.</summary>
public abstract class ActorSpecs() : Akka.TestKit.Xunit2.TestKit("akka.test { single-expect-default = 60s, default-timeout = 60s }");
