using Relay.Actors.Deliveries;
using Relay.Messages.Ids;

namespace Relay.Actors.Tests.Deliveries;

/// <summary>What was in flight is known to the next process, and nothing else.</summary>
public sealed class FlightFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("relay-flights-").FullName;

    [Fact]
    public void What_had_not_landed_is_known_after_the_end()
    {
        using (var flights = Open())
        {
            Assert.Empty(flights.Interrupted);
            var landed = flights.TakeOff(new MessageId(1, 1));
            flights.TakeOff(new MessageId(1, 2));
            flights.Land(landed);
            flights.TakeOff(new MessageId(3, 4));
        }

        using (var next = Open())
        {
            Assert.Equal([new MessageId(1, 2), new MessageId(3, 4)], next.Interrupted.Order());
        }

        using var third = Open();
        Assert.Empty(third.Interrupted);
    }

    [Fact]
    public void More_than_it_holds_are_not_remembered_and_harm_nothing()
    {
        using var flights = Open();
        var taken = Enumerable.Range(1, FlightFile.FlightsMax).Select(i => flights.TakeOff(new MessageId(1, (ulong)i))).ToArray();
        Assert.Equal(-1, flights.TakeOff(new MessageId(9, 9)));
        flights.Land(-1);
        Assert.Equal(taken.Length, taken.Distinct().Count());
        Array.ForEach(taken, flights.Land);
        Assert.NotEqual(-1, flights.TakeOff(new MessageId(9, 9)));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private FlightFile Open() => new(Path.Combine(_folder, "flights"));
}
