namespace Relay.Actors.Pressure;

/// <summary>The node's level of pressure, for whoever is about to take something on. Thread-safe, and as cheap as reading a field.</summary>
public interface IPressure
{
    /// <summary>The level now.</summary>
    PressureLevel Level { get; }
}
