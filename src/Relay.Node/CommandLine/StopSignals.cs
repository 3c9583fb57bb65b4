using System.Runtime.InteropServices;

namespace Relay.Node.CommandLine;

/// <summary>The signals that tell this process to stop. The first one asks; whoever sends a second one does not want to wait.</summary>
public sealed class StopSignals : IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<PosixSignalRegistration> _registrations = [];
    private volatile bool _isHeld;

    /// <summary>Listens for SIGINT and SIGTERM from now on.</summary>
    public StopSignals()
    {
        Register(PosixSignal.SIGINT);
        Register(PosixSignal.SIGTERM);
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => _stopping.Token;

    /// <summary>
    /// For a command that must clean up, and does so in a moment: SIGHUP asks as well from now on, and no second signal ends the process before it
    /// has done so.
    /// </summary>
    public void Hold()
    {
        _isHeld = true;
        Register(PosixSignal.SIGHUP);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _registrations.ForEach(registration => registration.Dispose());
        _stopping.Dispose();
    }

    private void Register(PosixSignal signal) => _registrations.Add(PosixSignalRegistration.Create(signal, Stop));

    private void Stop(PosixSignalContext signal)
    {
        signal.Cancel = _isHeld || !_stopping.IsCancellationRequested;
        _stopping.Cancel();
    }
}
