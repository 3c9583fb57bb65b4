namespace Relay.Node.Tests.Interop;

/// <summary>A test that needs programs of others. Where one is missing it is skipped with the reason, and fails under RELAY_REQUIRE_INTEROP=1.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class InteropFactAttribute : FactAttribute
{
    private readonly bool _isDemanded;

    public InteropFactAttribute(params string[] programs)
    {
        _isDemanded = Environment.GetEnvironmentVariable("RELAY_REQUIRE_INTEROP") == "1";
        var missing = Array.FindAll(programs, program => ForeignProgram.Find(program) is null);
        if (missing.Length > 0 && !_isDemanded)
        {
            Skip = $"not installed here: {string.Join(", ", missing)}";
        }
    }

    /// <summary>The programs start for the superuser only.</summary>
    public bool NeedsRoot
    {
        get;
        init
        {
            field = value;
            if (value && !Environment.IsPrivilegedProcess && !_isDemanded)
            {
                Skip = "needs to be run by root";
            }
        }
    }
}
