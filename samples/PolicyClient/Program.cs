// Joins a cluster with the role client, applies a policy by message, tells which nodes have it in force, and leaves again.
// usage: PolicyClient NODE-ADDRESS:PORT POLICY [OWN-ADDRESS]
using System.Globalization;
using Akka.Actor;
using Akka.Cluster.Tools.Singleton;
using Akka.Configuration;
using PolicyClient;
using Relay.Messages.Policies;
using Relay.Messages.Wire;

if (args is not [var node, var file, .. var rest] || rest.Length > 1)
{
    await Console.Error.WriteLineAsync("usage: PolicyClient NODE-ADDRESS:PORT POLICY [OWN-ADDRESS]");
    return 2;
}

var config = ConfigurationFactory.ParseString(string.Create(CultureInfo.InvariantCulture, $$"""
    akka.loglevel = WARNING
    akka.log-dead-letters = off
    akka.actor.provider = cluster
    akka.remote.dot-netty.tcp { hostname = "{{(rest is [var own] ? own : "127.0.0.1")}}", port = 0 }
    akka.cluster { roles = [client], seed-nodes = ["akka.tcp://relay@{{node}}"] }
    akka.cluster.singleton-proxy.log-singleton-identification-failure = off
    """))
    .WithFallback(RelaySerializer.Hocon)
    .WithFallback(await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "cluster.hocon")));
using var system = ActorSystem.Create("relay", config);
var store = system.ActorOf(ClusterSingletonProxy.Props("/user/policy-store", ClusterSingletonProxySettings.Create(system).WithRole("relay")));
var applied = new TaskCompletionSource<DocumentMessages.ProposalAnswer>();
system.ActorOf(Props.Create(() => new Applier(store, File.ReadAllBytes(file), applied)));
var answer = await applied.Task;
foreach (var each in answer.Nodes)
{
    Console.WriteLine(each.IsInForce ? $"{each.Name}: in force after {each.Milliseconds} ms" : $"{each.Name}: not in force yet");
}

foreach (var error in answer.Errors)
{
    await Console.Error.WriteLineAsync($"{file}:{error.Line}: {error.Key}: {error.Message}");
}

Console.WriteLine(answer.Outcome == ProposalOutcome.Done
    ? $"version {answer.Version}: {answer.Nodes.Count(each => each.IsInForce)}/{answer.Nodes.Length} nodes"
    : $"{answer.Outcome}: {answer.Reason}");
await CoordinatedShutdown.Get(system).Run(CoordinatedShutdown.ActorSystemTerminateReason.Instance); // leaves, so that nobody waits for it
return answer.Outcome == ProposalOutcome.Done && answer.Nodes.All(each => each.IsInForce) ? 0 : 1;
