using Relay.Node.CommandLine;
using Relay.Node.Composition;

using var signals = new StopSignals();
var context = CommandContext.OfProcess(static (settings, token) => RelayNode.RunAsync(settings, Console.Out, token)) with { HoldSignals = signals.Hold };
return await RelayCommandLine.RunAsync(args, context, signals.Token);
