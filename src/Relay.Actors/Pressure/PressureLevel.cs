namespace Relay.Actors.Pressure;

/// <summary>How hard a node is pressed. What each level does is one table: <see cref="PressureTable"/>.</summary>
public enum PressureLevel
{
    /// <summary>Nothing presses.</summary>
    Normal = 0,

    /// <summary>Something grows that should not: those who take most are told to wait.</summary>
    Medium = 1,

    /// <summary>Little is left, and it is for those who have logged in.</summary>
    High = 2,

    /// <summary>Nothing is taken any more; deliveries go on, for they are the cure.</summary>
    Critical = 3,
}
