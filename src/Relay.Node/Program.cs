using System.Runtime.InteropServices;
using Relay.Node.CommandLine;
using Relay.Node.Composition;

using var stopping = new CancellationTokenSource();
void Stop(PosixSignalContext signal)
{
    // The first signal asks; whoever sends a second one does not want to wait.
    signal.Cancel = !stopping.IsCancellationRequested;
    stopping.Cancel();
}

using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
var context = CommandContext.OfProcess(static (settings, token) => RelayNode.RunAsync(settings, Console.Out, token));
return await RelayCommandLine.RunAsync(args, context, stopping.Token);
