using Relay.Actors.Metrics;
using Relay.Policy.Decisions;
using Relay.Policy.Findings;
using Relay.Smtp.Addresses;

namespace Relay.Node.Recipients;

/// <summary>Finds out whether a recipient of an accepted domain exists, as the policy says. Thread-safe.</summary>
internal sealed class RecipientChecks : IDisposable
{
    private readonly RecipientFiles _files;
    private readonly Callouts _callouts;
    private readonly RelayMetrics _metrics;

    public RecipientChecks(RecipientFiles files, Callouts callouts, RelayMetrics metrics)
    {
        _files = files;
        _callouts = callouts;
        _metrics = metrics;
    }

    /// <summary>Finds it out; at once but for a question to the next hop, which takes <see cref="CalloutLimits.AnswerTime"/> at the most.</summary>
    public ValueTask<RecipientFinding> FindAsync(PolicySnapshot policy, RecipientCheck check, MailPath recipient, ClientFacts client)
    {
        var finding = check.Kind == RecipientCheckKind.File
            ? ValueTask.FromResult(_files.Find(check.File!, recipient))
            : _callouts.FindAsync(policy, recipient, client);
        return finding.IsCompletedSuccessfully ? ValueTask.FromResult(Count(finding.Result)) : CountAsync(finding);
    }

    /// <summary>What the list says that a policy names for a recipient; null where it names none, and where the next hop would be asked. Counts
    /// nothing, for no mail depends on it.</summary>
    public RecipientFinding? FindInList(PolicySnapshot policy, MailPath recipient) =>
        policy.CheckFor(recipient) is { File: { } file } ? _files.Find(file, recipient) : null;

    /// <summary>Ends every question; whoever waits hears of trouble.</summary>
    public void Stop() => _callouts.Stop();

    public void Dispose() => _callouts.Dispose();

    private async ValueTask<RecipientFinding> CountAsync(ValueTask<RecipientFinding> finding) => Count(await finding.ConfigureAwait(false));

    private RecipientFinding Count(RecipientFinding finding)
    {
        _metrics.RecipientChecked(finding switch
        {
            RecipientFinding.Known => "known",
            RecipientFinding.Unknown => "unknown",
            RecipientFinding.Busy => "busy",
            _ => "trouble",
        });
        return finding;
    }
}
