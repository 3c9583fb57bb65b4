using Relay.Smtp.Server;

namespace Relay.Node.Listeners;

/// <summary>One listener: its name in policy and logs, and the options of its dialogues.</summary>
internal sealed record SmtpListener(string Name, ServerDialogueOptions Options);
