namespace Relay.Actors.Pressure;

/// <summary>Something that is measured to find a node's pressure.</summary>
/// <param name="Name">Its name in the log and in metrics.</param>
/// <param name="Unit">The unit of its values.</param>
/// <param name="Medium">The marks of <see cref="PressureLevel.Medium"/>.</param>
/// <param name="High">Those of <see cref="PressureLevel.High"/>; null when the signal never leads there.</param>
/// <param name="Critical">Those of <see cref="PressureLevel.Critical"/>; likewise.</param>
public sealed record PressureSignal(string Name, string Unit, PressureMarks Medium, PressureMarks? High, PressureMarks? Critical)
{
    /// <summary>True when smaller values are worse, as with what is free.</summary>
    public bool IsFalling => Medium.Up < Medium.Down;

    /// <summary>The marks of a level above Normal; null when the signal never leads there.</summary>
    public PressureMarks? MarksOf(PressureLevel level) => level switch
    {
        PressureLevel.Medium => Medium,
        PressureLevel.High => High,
        PressureLevel.Critical => Critical,
        _ => null,
    };

    /// <summary>The level that a value leads up to.</summary>
    internal PressureLevel LevelUpTo(double value) => Highest(marks => IsFalling ? value <= marks.Up : value >= marks.Up);

    /// <summary>The level that a value holds once it is reached.</summary>
    internal PressureLevel LevelHeldBy(double value) => Highest(marks => IsFalling ? value < marks.Down : value > marks.Down);

    private PressureLevel Highest(Func<PressureMarks, bool> isMet)
    {
        for (var level = PressureLevel.Critical; level > PressureLevel.Normal; level--)
        {
            if (MarksOf(level) is { } marks && isMet(marks))
            {
                return level;
            }
        }

        return PressureLevel.Normal;
    }
}

/// <summary>Where a signal enters a level, and where it leaves it again: apart, so that it does not flutter.</summary>
/// <param name="Up">The level begins at this value.</param>
/// <param name="Down">The level ends once the value has been on the good side of this one for <see cref="PressureMonitor.CalmTime"/>.</param>
public readonly record struct PressureMarks(double Up, double Down);
