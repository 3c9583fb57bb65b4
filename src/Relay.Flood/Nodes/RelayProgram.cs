namespace Relay.Flood.Nodes;

/// <summary>How the program <c>relay</c> is started.</summary>
/// <param name="File">The executable.</param>
/// <param name="Arguments">What comes before relay's own arguments, such as the name of its assembly.</param>
public sealed record RelayProgram(string File, IReadOnlyList<string> Arguments);
