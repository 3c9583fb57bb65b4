using Akka.Actor;
using Microsoft.Extensions.Time.Testing;
using Relay.Actors.Policy.Store;
using Relay.Messages.Policies;
using static Relay.Messages.Policies.DocumentMessages;

namespace Relay.Actors.Tests.Policy.Store;

/// <summary>How long the pieces of a document are waited for.</summary>
public sealed class DocumentFetchTests
{
    private static readonly StoreTimes Times = new();

    private static readonly byte[] Octets = [.. Enumerable.Range(0, 20 * PieceBytes).Select(static i => (byte)i)];

    private readonly FakeTimeProvider _time = new();
    private readonly Owner _owner = new();
    private readonly DocumentFetch _fetch;

    public DocumentFetchTests()
    {
        _fetch = new DocumentFetch(DocumentHead.DigestOf(Octets), Octets.Length, _owner, ActorRefs.Nobody, _time);
        _fetch.Begin();
    }

    [Fact]
    public void A_large_document_over_a_slow_path_comes_although_it_takes_longer_than_a_piece_may()
    {
        while (!_fetch.IsComplete)
        {
            _time.Advance(Times.Fetch - TimeSpan.FromSeconds(1));
            Assert.True(_fetch.TryGoOn(Times));
            _fetch.Take(_owner.Answer());
        }

        Assert.Equal(Octets, _fetch.Document);
    }

    [Fact]
    public void Asking_again_and_again_does_not_make_it_wait_longer_for_somebody_who_is_gone()
    {
        _fetch.Take(_owner.Answer());
        for (var waited = TimeSpan.Zero; waited < Times.Fetch; waited += Times.Tick)
        {
            Assert.True(_fetch.TryGoOn(Times));
            _time.Advance(Times.Tick);
        }

        _time.Advance(Times.Tick);
        Assert.False(_fetch.TryGoOn(Times));
    }

    [Fact]
    public void The_same_piece_again_is_no_progress()
    {
        var piece = _owner.Answer();
        _fetch.Take(piece);
        _time.Advance(Times.Fetch);
        _fetch.Take(piece);
        _time.Advance(Times.Tick);

        Assert.False(_fetch.TryGoOn(Times));
    }

    /// <summary>Has the document, and answers one question at a time, each once.</summary>
    private sealed class Owner : ICanTell
    {
        private readonly Queue<AskPiece> _asked = new();
        private readonly HashSet<AskPiece> _known = [];

        public void Tell(object message, IActorRef sender)
        {
            if (_known.Add((AskPiece)message))
            {
                _asked.Enqueue((AskPiece)message);
            }
        }

        public Piece Answer() => Piece.Of(DocumentHead.DigestOf(Octets), Octets, _asked.Dequeue());
    }
}
