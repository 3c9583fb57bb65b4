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
            return Self().Concat(Missing([_settings.Cluster.Address.ToString()], "cannot be asked: this node is in no cluster"));
        }

        return Self().Concat(picture.Members
            .Where(member => member.Id != picture.Self && member.Roles.Contains(ClusterRoles.Relay))
            .Select(static member => (MemberAddress.Of(member.Name), (string?)member.Id.Address, member.IsReachable ? null : "is unreachable")))
            .Concat(Missing(picture.Members.Select(static member => MemberAddress.Of(member.Id.Address)), "is not in the cluster"));
    }

    private IEnumerable<(string Name, string? Address, string? Problem)> Missing(IEnumerable<string> present, string problem) =>
        _state.Expected.Without(present).Select(node => (node.Name, (string?)null, (string?)problem));

    private IEnumerable<(string Name, string? Address, string? Problem)> Self() => _settings.Cluster.IsWitness ? [] : [(_settings.Node.Name, null, null)];

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
