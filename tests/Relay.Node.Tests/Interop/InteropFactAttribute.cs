namespace Relay.Node.Tests.Interop;

/// <summary>A test that needs programs of others. Where one is missing it is skipped with the reason, and fails under RELAY_REQUIRE_INTEROP=1.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class InteropFactAttribute : FactAttribute
{
    public InteropFactAttribute(params string[] programs)
    {
        var missing = Array.FindAll(programs, program => ForeignProgram.Find(program) is null);
        if (missing.Length > 0 && Environment.GetEnvironmentVariable("RELAY_REQUIRE_INTEROP") != "1")
        {
            Skip = $"not installed here: {string.Join(", ", missing)}";
        }
    }
}
