namespace Relay.Node.Tests.Interop;

/// <summary>For what measures how much passes in a time: beside other tests it would measure these.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class RunsAlone
{
    /// <summary>Its name.</summary>
    public const string Name = "alone";
}
