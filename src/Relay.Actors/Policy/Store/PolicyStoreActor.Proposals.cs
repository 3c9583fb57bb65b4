using System.Collections.Immutable;
using Akka.Actor;
using Relay.Messages.Policies;
using static Relay.Messages.Policies.DocumentMessages;

namespace Relay.Actors.Policy.Store;

/// <summary>Proposals: which is on, which wait, how each document gets here and what is answered.</summary>
public sealed partial class PolicyStoreActor
{
    /// <summary>A policy of a node's own file counts as the first version, so that what the cluster agrees on has other numbers.</summary>
    private const long FileVersion = 1;

    private void OnProposal(Proposal proposal)
    {
        if (_current is { } now && now.Head.Proposal == proposal.Id && _round is null)
        {
            Sender.Tell(Done(now.Head, _nodes.Standing([], node => node.InForce >= now.Head.Version ? 0 : null)));
        }
        else if (!IsReady)
        {
            Sender.Tell(new ProposalAnswer(
                proposal.Id, ProposalOutcome.NotReady, 0, [], [], $"{_gathering?.Count ?? 0} of {_nodes.Size} nodes have answered the store"));
        }
        else if (_proposal is { } on && on.Proposal.Id == proposal.Id)
        {
            _proposal = (proposal, Sender);
        }
        else if (_waiting.All(waiting => waiting.Proposal.Id != proposal.Id))
        {
            if (_waiting.Count >= StoreResources.WaitingMax)
            {
                Sender.Tell(new ProposalAnswer(proposal.Id, ProposalOutcome.NotReady, 0, [], [], "too many changes wait"));
                return;
            }

            _waiting.Enqueue((proposal, Sender));
            BeginNext();
        }
    }

    private void BeginNext()
    {
        while (_proposal is null && _round is null && _gathering is null && _waiting.TryDequeue(out var next))
        {
            var (proposal, from) = next;
            if (!IsOfCurrent(proposal.BaseVersion))
            {
                from.Tell(new ProposalAnswer(proposal.Id, ProposalOutcome.Stale, _current?.Head.Version ?? 0, [], [], ""));
                continue;
            }

            _proposal = next;
            _proposedAt = _its.Time.GetTimestamp();
            var head = new DocumentHead(
                _epoch, Math.Max(proposal.BaseVersion, FileVersion) + 1, proposal.Digest, proposal.Length, proposal.Id, proposal.By, proposal.Note, _its.Time.GetUtcNow());
            Fetch(head, from, body => BeginRound(new StoredDocument(head, body), isRevival: false));
        }
    }

    private bool IsOfCurrent(long version) => _current is { } now ? now.Head.Version == version : version is 0 or FileVersion;

    private void Fetch(DocumentHead head, IActorRef from, Action<byte[]> then)
    {
        _fetched = then;
        _fetch = new DocumentFetch(head.Digest, head.Length, from, Self, _its.Time);
        _fetch.Begin();
        OnFetched();
    }

    private void OnPiece(Piece piece)
    {
        _fetch?.Take(piece);
        OnFetched();
    }

    private void OnFetched()
    {
        if (_fetch is not { IsComplete: true } fetch)
        {
            return;
        }

        _fetch = null;
        if (fetch.Document is { } body)
        {
            _fetched!(body);
        }
        else
        {
            FetchFailed("the document is not what its digest says");
        }
    }

    private void FetchFailed(string reason)
    {
        _fetch = null;
        if (_proposal is null)
        {
            Gather(_epoch + 1);
            return;
        }

        Answer(id => new ProposalAnswer(id, ProposalOutcome.NotReady, 0, [], [], reason));
        BeginNext();
    }

    private void BeginRound(StoredDocument document, bool isRevival)
    {
        _round = new ChangeRound(document, isRevival, _nodes);
        _stepAt = _its.Time.GetTimestamp();
        AskAgain();
    }

    private void OnAskStored()
    {
        if (IsReady)
        {
            Sender.Tell(new StoredVersion(_current?.Head.Version ?? 0, _current?.Head.Digest ?? ""));
        }
    }

    private void GiveUp(string reason)
    {
        var isUnknown = _round is { Step: not DocumentStep.Offer };
        Answer(id => new ProposalAnswer(id, isUnknown ? ProposalOutcome.Unknown : ProposalOutcome.NotReady, 0, [], [], reason));
    }

    private void Answer(Func<string, ProposalAnswer> answer)
    {
        if (_proposal is var (proposal, from) && proposal is not null)
        {
            _proposal = null;
            from.Tell(answer(proposal.Id));
        }
    }

    private static ProposalAnswer Done(DocumentHead head, ImmutableArray<NodeInForce> nodes) =>
        new(head.Proposal, ProposalOutcome.Done, head.Version, nodes, [], "");
}
