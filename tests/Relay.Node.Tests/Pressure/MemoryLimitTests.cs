using Relay.Node.Pressure;

namespace Relay.Node.Tests.Pressure;

public sealed class MemoryLimitTests : IDisposable
{
    private const long Machine = 1_000_000;
    private readonly string _root = Directory.CreateTempSubdirectory("relay-groups-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void The_tightest_limit_on_the_way_to_the_root_counts()
    {
        Write("system.slice/relay.service/memory.max", "max\n");
        Write("system.slice/memory.max", "5000\n");
        Assert.Equal(5000, MemoryLimit.Of(["0::/system.slice/relay.service"], _root, Machine));
        Write("system.slice/relay.service/memory.max", "4000\n");
        Assert.Equal(4000, MemoryLimit.Of(["0::/system.slice/relay.service"], _root, Machine));
    }

    [Fact]
    public void A_container_that_is_told_the_path_outside_has_its_limit_at_the_root()
    {
        Write("memory.max", "3000\n");
        Assert.Equal(3000, MemoryLimit.Of(["0::/docker/ab12"], _root, Machine));
    }

    [Fact]
    public void Groups_of_version_1_are_read_too()
    {
        Write("memory/docker/ab12/memory.limit_in_bytes", "2000\n");
        Write("memory/memory.limit_in_bytes", "9223372036854771712\n");
        Assert.Equal(2000, MemoryLimit.Of(["4:cpu,cpuacct:/docker/ab12", "7:memory:/docker/ab12", "0::/"], _root, Machine));
    }

    [Fact]
    public void Without_a_limit_it_is_the_machines() =>
        Assert.Equal(Machine, MemoryLimit.Of(["0::/user.slice"], _root, Machine));

    [Fact]
    public void This_process_has_one() => Assert.InRange(MemoryLimit.OfProcess(), 1L << 20, long.MaxValue / 2);

    private void Write(string file, string text)
    {
        var path = Path.Combine(_root, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
