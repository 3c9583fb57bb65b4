using System.Runtime.InteropServices;

namespace Relay.Node.Authentication;

/// <summary>Makes the thread that calls one that gives way: what it computes takes the processors' spare time, and a tenth of one where mail takes all.</summary>
internal static partial class BackgroundThread
{
    /// <summary>The nice value of such a thread, 0 being the usual one and 19 the most modest (setpriority(2)).</summary>
    public const int Niceness = 10;

    private const int CallingThread = 0;
    private const int OfProcess = 0;

    /// <summary>For a thread that ends when its work is done: it does not become a usual one again.</summary>
    public static void Enter()
    {
        Thread.CurrentThread.Priority = ThreadPriority.BelowNormal;
        if (OperatingSystem.IsLinux())
        {
            // There the property has no effect, and a "process" is a thread. Who may not be more modest computes as others do.
            _ = SetPriority(OfProcess, CallingThread, Niceness);
        }
    }

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, uint who, int priority);
}
