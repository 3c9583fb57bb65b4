using System.Runtime.Serialization;
using System.Text.Json;
using Akka.Actor;
using Relay.Messages.Wire;

namespace Relay.Messages.Tests.Wire;

public sealed class WireTests : IDisposable
{
    private readonly ActorSystem _system = ActorSystem.Create("wire", RelaySerializer.Hocon);

    public static TheoryData<string> Manifests => [.. WireSamples.All.Select(static sample => sample.Manifest)];

    public void Dispose() => _system.Dispose();

    [Fact]
    public void Every_message_of_the_assembly_has_one_wire_type()
    {
        var messages = typeof(IWireMessage).Assembly.GetTypes().Where(static type => type.IsAssignableTo(typeof(IWireMessage)) && !type.IsAbstract).ToArray();

        Assert.All(messages, static type => Assert.True(type.IsSealed, $"{type} must be sealed: types below it would have no manifest"));
        Assert.Equal(Names(messages), Names(WireTypes.All.Select(static type => type.Type)));
    }

    [Fact]
    public void The_manifests_are_those_of_the_samples_and_short()
    {
        Assert.Equal(
            WireSamples.All.Select(static sample => sample.Manifest).Order(StringComparer.Ordinal),
            WireTypes.All.Select(static type => type.Manifest).Order(StringComparer.Ordinal));
        Assert.All(WireTypes.All, static type => Assert.Matches("^[a-z]{2,4}$", type.Manifest));
    }

    [Theory]
    [MemberData(nameof(Manifests))]
    public void A_sample_has_the_bytes_that_it_always_had_and_they_are_read_as_it(string manifest)
    {
        var (_, message, bytes) = WireSamples.All.Single(sample => sample.Manifest == manifest);
        var serializer = Serializer();

        Assert.Equal(manifest, serializer.Manifest(message));
        var written = Convert.ToHexStringLower(serializer.ToBinary(message));
        Assert.True(bytes == written, $"the bytes of \"{manifest}\" are not frozen: {written}");
        AssertSame(message, serializer.FromBinary(Convert.FromHexString(bytes), manifest));
    }

    [Theory]
    [MemberData(nameof(Manifests))]
    public void Generated_values_come_back_as_they_were(string manifest)
    {
        var (serializer, type) = (Serializer(), WireTypes.Named(manifest)!.Type);
        for (var seed = 0; seed < 200; seed++)
        {
            var message = new GeneratedValues(seed).Make(type);
            var bytes = serializer.ToBinary(message);
            try
            {
                AssertSame(message, serializer.FromBinary(bytes, manifest));
            }
            catch (SerializationException refused) when (refused.InnerException is FormatException)
            {
                // Values that no message of this type has: its reader knows more than the types tell. The samples are read in any case.
            }
        }
    }

    [Theory]
    [MemberData(nameof(Manifests))]
    public void Damaged_bytes_are_a_message_or_a_SerializationException_and_nothing_else(string manifest)
    {
        var serializer = Serializer();
        var whole = Convert.FromHexString(WireSamples.All.Single(sample => sample.Manifest == manifest).Bytes);
        var random = new Random(4711);
        for (var round = 0; round < 2000; round++)
        {
            var damaged = whole[..random.Next(whole.Length + 1)];
            for (var hits = random.Next(4); hits > 0 && damaged.Length > 0; hits--)
            {
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            }

            var thrown = Record.Exception(() => serializer.FromBinary(damaged, manifest));
            Assert.True(thrown is null or SerializationException, $"{Convert.ToHexStringLower(damaged)}: {thrown}");
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("zz")]
    [InlineData("NR")]
    [InlineData("Relay.Messages.Cluster.NodeReport")]
    public void An_unknown_manifest_is_a_SerializationException(string manifest) =>
        Assert.Throws<SerializationException>(() => Serializer().FromBinary([], manifest));

    [Fact]
    public void What_is_no_message_of_ours_is_not_written()
    {
        Assert.Throws<SerializationException>(() => Serializer().ToBinary("text"));
        Assert.Throws<SerializationException>(() => Serializer().Manifest(new object()));
    }

    [Fact]
    public void What_is_too_large_for_a_frame_is_not_written()
    {
        var (_, message, _) = WireSamples.All.Single(static sample => sample.Manifest == "nr");
        var report = (Relay.Messages.Cluster.NodeReport)message;

        Assert.Throws<SerializationException>(() => Serializer().ToBinary(report with { Name = new string('x', RelaySerializer.MessageBytesMax) }));
    }

    private RelaySerializer Serializer() => Assert.IsType<RelaySerializer>(_system.Serialization.FindSerializerForType(WireSamples.All[0].Message.GetType()));

    private static void AssertSame(object expected, object actual)
    {
        Assert.IsType(expected.GetType(), actual);
        Assert.Equal(Text(expected), Text(actual));
    }

    private static string Text(object message) => JsonSerializer.Serialize(message, message.GetType());

    private static IEnumerable<string> Names(IEnumerable<Type> types) => types.Select(static type => type.FullName!).Order(StringComparer.Ordinal);
}
