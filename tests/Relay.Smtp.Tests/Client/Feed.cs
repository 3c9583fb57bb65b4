namespace Relay.Smtp.Tests.Client;

/// <summary>How a script's server bytes arrive, and how a body is handed over.</summary>
internal enum Feed
{
    Whole,
    ByLine,
    ByByte,
}
