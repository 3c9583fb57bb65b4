using System.Globalization;
using Relay.Node.Authentication;

namespace Relay.Node.Tests.Authentication;

public sealed class BackgroundThreadTests
{
    private const int NiceField = 16; // of those behind the name in parentheses, see proc_pid_stat(5)

    [Fact]
    public void Thread_gives_way_and_no_other_does()
    {
        Assert.True(OperatingSystem.IsLinux());
        var before = Niceness();
        var inside = before;
        var thread = new Thread(() =>
        {
            BackgroundThread.Enter();
            inside = Niceness();
        });
        thread.Start();
        thread.Join();

        Assert.Equal(BackgroundThread.Niceness, inside);
        Assert.Equal(before, Niceness());
    }

    private static int Niceness()
    {
        var stat = File.ReadAllText("/proc/thread-self/stat");
        return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[NiceField], CultureInfo.InvariantCulture);
    }
}
