using Relay.Actors.Policy;
using Relay.Actors.Policy.Store;
using Relay.Messages.Policies;
using Relay.Node.Composition;
using Relay.Node.Recipients;
using Relay.Node.Settings;
using Relay.Policy.Decisions;
using Relay.Policy.Documents;

namespace Relay.Node.Policies;

/// <summary>The cluster's policy on this node: what is checked before it is agreed on, and what follows when it is in force. Thread-safe.</summary>
internal sealed class ClusterPolicy : IDocumentUse
{
    /// <summary>The folder's name in the data directory.</summary>
    public const string FolderName = "policy";

    /// <summary>Warnings of a version that are written to the log; <c>policy check</c> has the others.</summary>
    public const int WarningsMax = 20;

    private readonly NodeSettings _settings;
    private readonly PolicyAgent _agent;
    private readonly RecipientFiles _lists;
    private readonly PolicyLog _log;
    private readonly Confirmation _confirmation = new();
    private volatile PolicyInForce _current;

    public ClusterPolicy(NodeSettings settings, LoadedPolicy start, PolicyAgent agent, RecipientFiles lists, PolicyLog log)
    {
        _settings = settings;
        _agent = agent;
        _lists = lists;
        _log = log;
        _current = new PolicyInForce(start.Snapshot.Version, start.Text, start.RecipientLists);
    }

    /// <summary>What is in force on this node.</summary>
    public PolicyInForce Current => _current;

    /// <summary>Ends when the cluster has said which version holds, and this node has it in force.</summary>
    public Task WhenConfirmed => _confirmation.WhenConfirmed;

    /// <summary>True while what is in force is what the cluster last said.</summary>
    public bool IsConfirmed => _confirmation.IsConfirmed;

    /// <summary>What health says; null while all is well.</summary>
    public string? Stale => _confirmation.NoticeOf("policy", _current.Version, isAlone: _settings.Cluster.Seeds.Count == 0);

    public async Task<DocumentCheck> CheckAsync(StoredDocument document)
    {
        var (parsed, snapshot) = await Task.Run(() => Compile(document)).ConfigureAwait(false);
        if (snapshot is null)
        {
            return new DocumentCheck([.. parsed.Errors], [], null);
        }

        string[] lists = _settings.Cluster.IsRelay ? [.. PolicyLoader.ListsOf(parsed.Document!)] : [];
        var found = lists.Length == 0
            ? new RecipientListFindings([], [])
            : await RecipientListFindings.OfAsync(parsed.Document!, PolicyLoader.FolderOf(_settings), CancellationToken.None).ConfigureAwait(false);
        var objections = found.Errors;
        if (objections.Count == 0)
        {
            // Read now, so that they are there for the first recipient.
            await _lists.ReadAsync(lists, CancellationToken.None).ConfigureAwait(false);
        }

        PolicyError[] warnings = [.. parsed.Warnings, .. PolicyLoader.ListenerFindings(parsed.Document!, _settings), .. objections, .. found.Warnings];
        return new DocumentCheck([], [.. objections], () => Apply(document, snapshot, lists, warnings));
    }

    public void Confirmed(DocumentHead? head) => _confirmation.Confirm();

    public void Lost() => _confirmation.Lose();

    public void Failed(DocumentHead head, string problem)
    {
        if (_confirmation.Fail(problem))
        {
            _log.Failed(head.Version, ShownText.Clean(problem));
        }
    }

    /// <summary>Says in the log what whoever starts a node should know of the policy that it starts with.</summary>
    public async Task TellAsync(DocumentFolder folder, CancellationToken cancellation)
    {
        foreach (var problem in folder.Problems)
        {
            _log.Damaged(ShownText.Clean(problem));
        }

        if (folder.InForce is { } stored && await PolicyLoader.FileDiffersAsync(_settings, stored.Body, cancellation).ConfigureAwait(false))
        {
            _log.FileDiffers(ShownText.Clean(_settings.PolicyFile!), stored.Head.Version);
        }
    }

    private void Apply(StoredDocument document, PolicySnapshot snapshot, string[] lists, PolicyError[] warnings)
    {
        var before = _current.RecipientLists;
        _current = new PolicyInForce(document.Head.Version, document.Body, lists);
        _agent.Apply(snapshot);
        // Mail that is on its way keeps the policy that it began with.
        _lists.Keep([.. lists, .. before]);
        var head = document.Head;
        var by = ShownText.Clean(head.By);
        var note = head.Note.Length == 0 ? "" : $": {ShownText.Clean(head.Note)}";
        _log.InForce(head.Version, by, note);
        foreach (var warning in warnings.Take(WarningsMax))
        {
            var text = ShownText.Clean(warning.ToString());
            _log.Warned(head.Version, text);
        }
    }

    private static (PolicyParseResult Parsed, PolicySnapshot? Snapshot) Compile(StoredDocument document)
    {
        var parsed = PolicyParser.Parse(document.Body);
        return (parsed, parsed.Document is { } valid ? PolicySnapshot.Compile(valid, document.Head.Version) : null);
    }
}

/// <summary>The policy that is in force on a node.</summary>
/// <param name="Version">Its version: 0 without a policy, 1 for that of the node's own file.</param>
/// <param name="Text">The document, as it was written; empty without a policy.</param>
/// <param name="RecipientLists">The files of recipients that it names.</param>
internal sealed record PolicyInForce(long Version, ReadOnlyMemory<byte> Text, IReadOnlyList<string> RecipientLists);
