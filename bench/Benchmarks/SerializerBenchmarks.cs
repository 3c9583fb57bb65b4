using Akka.Actor;
using BenchmarkDotNet.Attributes;
using Relay.Messages.Limits;
using Relay.Messages.Wire;

namespace Relay.Benchmarks;

/// <summary>What a message between nodes costs, there and back: the answer to a request for tokens, of which a busy cluster has the most.</summary>
[MemoryDiagnoser]
public class SerializerBenchmarks
{
    private static readonly LimitMessages.TokensAnswered Message = new("client 192.0.2.7", 7, 25, TimeSpan.FromSeconds(3), IsFull: true);
    private ActorSystem? _system;
    private RelaySerializer? _serializer;
    private byte[] _bytes = [];
    private string _manifest = "";

    [GlobalSetup]
    public void SetUp()
    {
        _system = ActorSystem.Create("benchmarks");
        _serializer = new RelaySerializer((ExtendedActorSystem)_system);
        _bytes = _serializer.ToBinary(Message);
        _manifest = _serializer.Manifest(Message);
    }

    [GlobalCleanup]
    public async Task CleanUp()
    {
        if (_system is not null)
        {
            await _system.Terminate();
        }
    }

    [Benchmark]
    public byte[] Write() => _serializer!.ToBinary(Message);

    [Benchmark]
    public object Read() => _serializer!.FromBinary(_bytes, _manifest);
}
