namespace Relay.Flood.Sink;

/// <summary>A small seeded sequence of chance (SplitMix64): 8 octets a connection, where System.Random takes 300.</summary>
internal struct FaultChance
{
    private const ulong Step = 0x9E3779B97F4A7C15;
    private ulong _state;

    /// <summary>Begins one of many unrelated sequences of a seed.</summary>
    public FaultChance(ulong seed, ulong sequence)
    {
        _state = Mix(seed) ^ Mix(sequence + Step);
    }

    /// <summary>From 0 to just under 1.</summary>
    public double NextUnit() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>From 0 to <paramref name="bound"/> - 1.</summary>
    public int NextBelow(int bound) => (int)(NextUnit() * bound);

    private ulong Next()
    {
        _state += Step;
        return Mix(_state);
    }

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
