using Akka.Actor;
using Relay.Actors.Calls;
using Relay.Actors.Cluster;
using Relay.Node.Cluster;
using Relay.Node.Settings;

namespace Relay.Node.Admin.EveryNode;

/// <summary>Asks every node that relays mail the same thing, all at once.</summary>
internal sealed class EveryNodeCall
{
    /// <summary>A node must have answered within this.</summary>
    public static readonly TimeSpan AnswerTimeMax = TimeSpan.FromSeconds(15);

    /// <summary>The query of a request that is meant for the node alone that it is sent to.</summary>
    public const string SelfQuery = "node=self";

    private readonly NodeSettings _settings;
    private readonly ClusterState _state;
    private readonly DeskPart _desk;
    private readonly OwnApi _own;

    public EveryNodeCall(NodeSettings settings, ClusterState state, DeskPart desk, OwnApi own) =>
        (_settings, _state, _desk, _own) = (settings, state, desk, own);

    /// <summary>Asks, and waits for all answers.</summary>
    /// <param name="method">GET or POST.</param>
    /// <param name="path">Path and query; the nodes are told that it is for them alone.</param>
    /// <param name="body">The body; empty for none.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>One result a node; this node's is the first if it relays mail.</returns>
    public async Task<IReadOnlyList<NodeResult>> AskAsync(string method, string path, ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        var forOne = $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}{SelfQuery}";
        return await Task.WhenAll(Places().Select(place => AskAsync(place, method, forOne, body, cancellation))).ConfigureAwait(false);
    }

    private IEnumerable<(string Name, string? Address, string? Problem)> Places()
    {
        if (_state.Picture is not { IsMember: true } picture)
        {
            var others = _settings.Cluster.Seeds.Where(seed => !seed.Equals(_settings.Cluster.Address));
            return Self().Concat(others.Select(static seed => (seed.ToString(), (string?)null, (string?)"cannot be asked: this node is in no cluster")));
        }

        return Self().Concat(picture.Members
            .Where(member => member.Id != picture.Self && member.Roles.Contains(ClusterSection.RelayRole))
            .Select(static member => (ShownName(member), (string?)member.Id.Address, member.IsReachable ? null : "is unreachable")))
            // A node that is down has its queue on its disk, and comes back with it.
            .Concat(picture.SilentSeeds.Where(seed => !_state.WasWitness(seed)).Select(static seed => (seed, (string?)null, (string?)"is not in the cluster")));
    }

    private IEnumerable<(string Name, string? Address, string? Problem)> Self() => _settings.Cluster.IsWitness ? [] : [(_settings.Node.Name, null, null)];

    private static string ShownName(MemberPicture member) => member.Name == member.Id.Address ? MemberAddress.Of(member.Name) : member.Name;

    private async Task<NodeResult> AskAsync(
        (string Name, string? Address, string? Problem) place, string method, string path, ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        if (place.Problem is { } problem)
        {
            return new NodeResult(place.Name, 0, default, problem);
        }

        try
        {
            var answer = place.Address is { } address ? await AskOtherAsync(address, method, path, body, cancellation).ConfigureAwait(false)
                : await _own.AnswerAsync(method, path, body).ConfigureAwait(false);
            return new NodeResult(place.Name, answer.Status, answer.Body, null);
        }
        catch (Exception e) when (e is AskTimeoutException or TaskCanceledException && !cancellation.IsCancellationRequested)
        {
            return new NodeResult(place.Name, 0, default, $"did not answer within {SettingText.Of(AnswerTimeMax)}");
        }
        catch (Exception e) when (e is HttpRequestException or InvalidOperationException)
        {
            return new NodeResult(place.Name, 0, default, ShownText.Clean(e.Message));
        }
    }

    private Task<NodeAnswer> AskOtherAsync(string address, string method, string path, ReadOnlyMemory<byte> body, CancellationToken cancellation) =>
        _desk.Desk is { } desk
            ? desk.Ask<NodeAnswer>(new DeskActor.CallNode(address, method, path, body), AnswerTimeMax, cancellation)
            : throw new InvalidOperationException("cannot be asked: the cluster's part of this node is being started");
}
