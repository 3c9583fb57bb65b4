using System.Collections.Immutable;
using System.Globalization;
using Relay.Actors.Policy.Store;
using Relay.Messages.Policies;
using Relay.Node.Policies;
using Relay.Node.Settings;
using Relay.Policy.Documents;

namespace Relay.Node.Authentication;

/// <summary>The cluster's users on this node: the second shared document, beside the policy. Thread-safe.</summary>
internal sealed class ClusterUsers : IDocumentUse
{
    /// <summary>The folder's name in the data directory.</summary>
    public const string FolderName = "users";

    /// <summary>Versions kept: what a password was checked by before is of use to nobody but a thief.</summary>
    public const int VersionsMax = 1;

    private const int NamesShown = 5;

    private readonly UserStore _users;
    private readonly UserLog _log;
    private readonly Confirmation _confirmation = new();
    private readonly bool _isAlone;
    private volatile UsersInForce _current;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ClusterUsers(NodeSettings settings, UserStore users, DocumentFolder folder, UserLog log)
    {
        _users = users;
        _log = log;
        _isAlone = settings.Cluster.Seeds.Count == 0;
        _current = new UsersInForce(folder.InForce?.Head.Version ?? 0, users.Current);
    }

    /// <summary>True while the users are those of <c>users.json</c>, and nobody else's: a node without others, that never had any.</summary>
    public bool IsFile => _isAlone && _current.Version == 0;

    /// <summary>The users, and the cluster's version of them; version 0 is this node's own <c>users.json</c>.</summary>
    public UsersInForce Current => _current.Version == 0 ? new UsersInForce(0, _users.Current) : _current;

    /// <summary>Ends when the cluster has said who its users are, and this node knows them.</summary>
    public Task WhenConfirmed => _confirmation.WhenConfirmed;

    /// <summary>True while this node knows the users that the cluster last spoke of.</summary>
    public bool IsConfirmed => _confirmation.IsConfirmed;

    /// <summary>What health says; null while all is well.</summary>
    public string? Stale => _confirmation.NoticeOf("users", _current.Version, _isAlone);

    public Task<DocumentCheck> CheckAsync(StoredDocument document) => Task.Run(() => Check(document));

    public void Confirmed(DocumentHead? head)
    {
        _users.IsProvisional = false;
        _confirmation.Confirm();
    }

    public void Lost() => _confirmation.Lose();

    public void Failed(DocumentHead head, string problem)
    {
        if (_confirmation.Fail(problem))
        {
            _log.Failed(head.Version, ShownText.Clean(problem));
        }
    }

    /// <summary>Waits until a version, or a later one, is in force here.</summary>
    /// <returns>False when it is not within the time.</returns>
    public async Task<bool> ReachAsync(long version, TimeSpan timeMax, TimeProvider time)
    {
        using var patience = new CancellationTokenSource(timeMax, time);
        while (true)
        {
            var changed = Volatile.Read(ref _changed).Task;
            if (_current.Version >= version)
            {
                return true;
            }

            await changed.WaitAsync(patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (patience.IsCancellationRequested)
            {
                return false;
            }
        }
    }

    /// <summary>Says in the log what of a folder could not be read.</summary>
    public void Tell(DocumentFolder folder)
    {
        foreach (var problem in folder.Problems)
        {
            _log.Damaged(ShownText.Clean(problem));
        }
    }

    private DocumentCheck Check(StoredDocument document)
    {
        UserDocument users;
        try
        {
            users = UserDocument.Parse(document.Body);
        }
        catch (FormatException wrong)
        {
            return new DocumentCheck([new PolicyError("(users)", 0, wrong.Message)], [], null);
        }

        var lost = LostBy(users);
        ImmutableArray<PolicyError> objections = lost is null
            ? []
            : [new PolicyError("(users)", 0, $"{lost}: make the first change on that node, or start it again without its {UserStore.FileName}")];
        return new DocumentCheck([], objections, () => Apply(document.Head, users, lost));
    }

    private void Apply(DocumentHead head, UserDocument users, string? lost)
    {
        _users.Take(users);
        _current = new UsersInForce(head.Version, users);
        Interlocked.Exchange(ref _changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
        var by = ShownText.Clean(head.By);
        _log.InForce(head.Version, by, users.Users.Count);
        if (lost is not null)
        {
            _log.FileDiffers(lost);
        }
    }

    // With the cluster's first version users.json has had its day: whom it alone knows would be locked out without a word.
    private string? LostBy(UserDocument users)
    {
        if (_current.Version > 0)
        {
            return null;
        }

        string[] lost = [.. _users.Current.Users
            .Where(own => !users.Users.TryGetValue(own.Key, out var verifier) || !verifier.IsSameAs(own.Value))
            .Select(static own => own.Key)];
        var more = lost.Length > NamesShown ? string.Create(CultureInfo.InvariantCulture, $" and {lost.Length - NamesShown} more") : "";
        return lost.Length == 0
            ? null
            : $"its {UserStore.FileName} has users that these lack, or have with other passwords ({string.Join(", ", lost.Take(NamesShown))}{more})";
    }
}

/// <summary>The users that are in force on a node.</summary>
/// <param name="Version">The cluster's version; 0 while the cluster has none.</param>
/// <param name="Document">The users.</param>
internal sealed record UsersInForce(long Version, UserDocument Document);
