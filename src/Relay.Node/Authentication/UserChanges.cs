using System.Collections.Immutable;
using System.Globalization;
using Relay.Actors.Cluster;
using Relay.Actors.Policy.Store;
using Relay.Messages.Policies;
using Relay.Node.Policies;
using Relay.Node.Settings;

namespace Relay.Node.Authentication;

/// <summary>Changes users: those of the whole cluster, or of a node without others those of its <c>users.json</c>. Thread-safe.</summary>
internal sealed class UserChanges : IDisposable
{
    /// <summary>How often a change is made anew because another one came first.</summary>
    public const int TriesMax = 10;

    /// <summary>For a change as a whole, tries and all; the one that is on is finished.</summary>
    public static readonly TimeSpan TimeMax = TimeSpan.FromSeconds(15);

    /// <summary>For this node to get a version that another node has made.</summary>
    public static readonly TimeSpan CatchUpTime = TimeSpan.FromSeconds(5);

    private readonly string _node;
    private readonly UserStore _file;
    private readonly ClusterUsers _users;
    private readonly TimeProvider _time;

    // Changes of one node would only overtake each other.
    private readonly SemaphoreSlim _turn = new(1);

    public UserChanges(
        NodeSettings settings, ExpectedNodes expected, UserStore file, ClusterUsers users, DocumentFolder folder, StoreTimes times, TimeProvider time)
    {
        _node = settings.Node.Name;
        _file = file;
        _users = users;
        _time = time;
        Part = new DocumentPart(settings, DocumentNames.Users, expected, folder, users, times, time);
    }

    /// <summary>The actors of the document.</summary>
    public DocumentPart Part { get; }

    /// <summary>Makes a change; another one that is made at the same time, here or on another node, is kept as well.</summary>
    /// <exception cref="IOException">A node without others: the file cannot be written, or somebody else has changed it. Nothing has changed.</exception>
    public async Task<UserEditResult> MakeAsync(UserEdit edit)
    {
        var began = _time.GetTimestamp();
        if (!await _turn.WaitAsync(TimeMax))
        {
            return NotReady("other changes of users are not done yet");
        }

        try
        {
            return _users.IsFile ? OfFile(edit) : await OfClusterAsync(edit, began);
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private UserEditResult OfFile(UserEdit edit)
    {
        var outcome = edit.OutcomeFor(_file.Current);
        if (outcome is UserEditOutcome.Added or UserEditOutcome.Changed or UserEditOutcome.Removed)
        {
            _file.Save(edit.ApplyTo(_file.Current));
            return new UserEditResult(outcome, [new NodeInForce(_node, true, 0)], "");
        }

        return new UserEditResult(outcome, [], "");
    }

    private async Task<UserEditResult> OfClusterAsync(UserEdit edit, long began)
    {
        for (var tries = 0; tries < TriesMax && _time.GetElapsedTime(began) < TimeMax; tries++)
        {
            var (version, users) = _users.Current;
            var outcome = edit.OutcomeFor(users);
            // What this node's file has comes first, as it is: the others must be able to tell a user that was removed from one that was forgotten.
            var isImport = version == 0 && users.Users.Count > 0;
            if (!isImport && outcome is UserEditOutcome.NotThere or UserEditOutcome.Full)
            {
                return _users.IsConfirmed ? new UserEditResult(outcome, [], "") : NotReady("the cluster has not said yet who its users are");
            }

            var octets = (isImport ? users : edit.ApplyTo(users)).ToJson();
            if (octets.Length > DocumentHead.LengthMax)
            {
                return new UserEditResult(UserEditOutcome.Full, [], "");
            }

            var answer = await Part.ProposeAsync(DocumentMessages.Proposal.Of(octets.Span, version, _node), octets);
            switch (answer.Outcome)
            {
                case ProposalOutcome.Done when !isImport:
                    return new UserEditResult(outcome, answer.Nodes, "");
                case ProposalOutcome.Done or ProposalOutcome.Stale:
                    if (!await _users.ReachAsync(answer.Version, CatchUpTime, _time))
                    {
                        return NotReady(string.Create(CultureInfo.InvariantCulture, $"version {answer.Version} of the users is not here yet"));
                    }

                    break;
                case ProposalOutcome.Refused:
                    return new UserEditResult(UserEditOutcome.Refused, [], $"{answer.Reason}: {answer.Errors.FirstOrDefault()?.Message}");
                case ProposalOutcome.NotReady:
                    return NotReady(answer.Reason);
                default:
                    return new UserEditResult(UserEditOutcome.Unknown, [], answer.Reason);
            }
        }

        return NotReady("other changes of users came first every time");
    }

    private static UserEditResult NotReady(string reason) => new(UserEditOutcome.NotReady, [], reason);
}

/// <summary>What came of a change of a user, and where it is in force.</summary>
/// <param name="Outcome">What came of it.</param>
/// <param name="Nodes">All nodes that relay mail; empty when nothing has changed, or that is not known.</param>
/// <param name="Reason">Refused, not ready and unknown: the cause. Else empty.</param>
internal sealed record UserEditResult(UserEditOutcome Outcome, ImmutableArray<NodeInForce> Nodes, string Reason);
