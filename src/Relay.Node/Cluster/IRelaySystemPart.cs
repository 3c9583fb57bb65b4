using Akka.Actor;
using Akka.Hosting;

namespace Relay.Node.Cluster;

/// <summary>A part of what lives in the cluster's actor system. Every time that system is started anew, so are its parts.</summary>
/// <remarks>What must outlive the system (the policy in force, leases) is not in a part: it is told of the system's beginning and end.</remarks>
internal interface IRelaySystemPart
{
    /// <summary>Adds actors, shard regions and settings to a system that is about to be made.</summary>
    void Configure(AkkaConfigurationBuilder akka);

    /// <summary>The system runs; it has not joined its cluster yet. Must neither wait nor throw.</summary>
    void Started(ActorSystem system);

    /// <summary>The system has ended, or could not start: nothing of it may be used any more. Must neither wait nor throw.</summary>
    void Ended();
}
