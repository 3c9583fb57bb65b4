using System.Collections.Immutable;
using Akka.Actor;
using Relay.Messages.Policies;
using Relay.Policy.Documents;
using static Relay.Messages.Policies.DocumentMessages;

namespace Relay.Actors.Policy.Store;

/// <summary>Keeps a shared document on this node: obeys the store, fetches what it lacks, and says what it has.</summary>
public sealed class DocumentKeeperActor : ReceiveActor, IWithTimers
{
    /// <summary>Octets of the errors in one answer: what is more is left out.</summary>
    public const int ErrorOctetsMax = 24_000;

    private readonly KeeperResources _its;
    private readonly IActorRef _store;
    private StoredDocument? _offered;
    private DocumentCheck? _check;
    private DocumentFetch? _fetch;
    private (StepOrder Order, IActorRef Asker)? _waiting;
    private long _helloAt;
    private bool _isConfirmed;

    /// <summary>Made by <see cref="PropsFor"/>.</summary>
    public DocumentKeeperActor(KeeperResources resources, IActorRef store)
    {
        _its = resources;
        _store = store;
        ReceiveAsync<AskHeld>(OnAskHeldAsync);
        ReceiveAsync<StepOrder>(OnOrderAsync);
        ReceiveAsync<Piece>(OnPieceAsync);
        ReceiveAsync<Held>(OnHeldAsync);
        Receive<AskPiece>(ask => Sender.Tell(PieceOf(ask)));
        Receive<Look>(_ => OnLook());
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!; // set by Akka

    /// <summary>Its Props.</summary>
    /// <param name="resources">What it works with.</param>
    /// <param name="store">The store, wherever it is.</param>
    public static Props PropsFor(KeeperResources resources, IActorRef store) => Props.Create(() => new DocumentKeeperActor(resources, store));

    /// <inheritdoc/>
    protected override void PreStart()
    {
        Timers.StartPeriodicTimer(Look.Instance, Look.Instance, TimeSpan.Zero, _its.Times.Tick);
    }

    private async Task OnAskHeldAsync(AskHeld ask)
    {
        if (ask.Epoch > 0)
        {
            // What it would say would be that it has less than it had: a change might be lost by that.
            if (_its.Shelf.IsDamaged)
            {
                return;
            }

            await TryPromiseAsync(ask.Epoch, ask.Writer);
        }

        Sender.Tell(WhatIsHeld());
    }

    private async Task OnOrderAsync(StepOrder order)
    {
        if (!await TryPromiseAsync(order.Epoch, order.Writer))
        {
            Answer(Sender, order, StepOutcome.Outdated, []);
            return;
        }

        // What a former writer left behind, and this one knows nothing of, will never be agreed on.
        if (order.Step == DocumentStep.Commit && _its.Shelf.Accepted is { } left && left.Head.Epoch < order.Epoch && left.Head.Digest != order.Head?.Digest)
        {
            await TryStoreAsync(left.Head, _its.Shelf.DropAccepted);
        }

        if (order.Head is not { } head)
        {
            Confirm(null);
            Answer(Sender, order, StepOutcome.Done, []);
        }
        else if (order.Step == DocumentStep.Commit && _its.Shelf.InForce is { } now && now.Head.Version >= head.Version)
        {
            Confirm(now.Head);
            Answer(Sender, order, StepOutcome.Done, []);
        }
        else if (BodyOf(head.Digest) is { } body)
        {
            await StepAsync(order, new StoredDocument(head, body), Sender);
        }
        else
        {
            BeginFetch(head, Sender);
            _waiting = (order, Sender);
        }
    }

    // A peer has a newer version in force: it was agreed on, and this node need not wait for the store to say so.
    private async Task OnHeldAsync(Held held)
    {
        if (!_isConfirmed && held.InForce is { } head && head.Version > (_its.Shelf.InForce?.Head.Version ?? 0) && _fetch?.Digest != head.Digest)
        {
            var order = new StepOrder(_its.Shelf.Promise.Epoch, _its.Shelf.Promise.Writer, DocumentStep.Commit, head);
            if (BodyOf(head.Digest) is { } body)
            {
                await StepAsync(order, new StoredDocument(head, body), ActorRefs.Nobody);
            }
            else
            {
                BeginFetch(head, Sender);
                _waiting = (order, ActorRefs.Nobody);
            }
        }
    }

    private async Task OnPieceAsync(Piece piece)
    {
        if (_fetch is not { } fetch || _waiting is not { } waiting)
        {
            return;
        }

        fetch.Take(piece);
        if (!fetch.IsComplete)
        {
            return;
        }

        _fetch = null;
        _waiting = null;
        // A document that is not what its digest says is fetched again with the next order.
        if (fetch.Document is { } body && _its.Shelf.Promise.Allows(waiting.Order.Epoch, waiting.Order.Writer))
        {
            await StepAsync(waiting.Order, new StoredDocument(waiting.Order.Head!, body), waiting.Asker);
        }
    }

    private async Task StepAsync(StepOrder order, StoredDocument document, IActorRef asker)
    {
        if (order.Step == DocumentStep.Accept)
        {
            var problem = await TryStoreAsync(document.Head, () => _its.Shelf.SaveAccepted(document));
            Answer(asker, order, problem is null ? StepOutcome.Done : StepOutcome.Refused, problem is null ? [] : [NotStored(problem)]);
            return;
        }

        var check = await CheckAsync(document);
        if (order.Step == DocumentStep.Offer)
        {
            ImmutableArray<PolicyError> refused = [.. check.Errors, .. check.Objections];
            Answer(asker, order, refused.IsEmpty ? StepOutcome.Done : StepOutcome.Refused, refused);
        }
        else if (check.Apply is not { } apply)
        {
            _its.Use.Failed(document.Head, check.Errors[0].ToString());
            Answer(asker, order, StepOutcome.Refused, check.Errors);
        }
        else
        {
            apply();
            await TryStoreAsync(document.Head, () => _its.Shelf.SaveInForce(document));
            _offered = null;
            _check = null;
            if (!asker.IsNobody())
            {
                Confirm(document.Head);
            }

            Answer(asker, order, StepOutcome.Done, []);
        }
    }

    private async Task<DocumentCheck> CheckAsync(StoredDocument document)
    {
        if (_check is null || _offered?.Head != document.Head)
        {
            _check = await _its.Use.CheckAsync(document);
            _offered = document;
        }

        return _check;
    }

    private async Task<bool> TryPromiseAsync(long epoch, long writer)
    {
        var now = _its.Shelf.Promise;
        if (!now.Allows(epoch, writer))
        {
            return false;
        }

        var wanted = new WriterPromise(epoch, writer);
        return now == wanted || await TryStoreAsync(null, () => _its.Shelf.Save(wanted)) is null;
    }

    // Off the actors' threads: a disk may be slow.
    private async Task<string?> TryStoreAsync(DocumentHead? head, Action store)
    {
        try
        {
            await Task.Run(store);
            return null;
        }
        catch (Exception trouble) when (trouble is IOException or UnauthorizedAccessException)
        {
            if (head is not null)
            {
                _its.Use.Failed(head, $"it is not on the disk: {trouble.Message}");
            }

            return trouble.Message;
        }
    }

    private void BeginFetch(DocumentHead head, IActorRef from)
    {
        if (_fetch?.Digest != head.Digest)
        {
            _fetch = new DocumentFetch(head.Digest, head.Length, from, Self, _its.Time);
            _fetch.Begin();
        }
    }

    private void OnLook()
    {
        if (_fetch is { } fetch && !fetch.TryGoOn(_its.Times))
        {
            _fetch = null;
            _waiting = null;
        }

        if (!_isConfirmed && (_helloAt == 0 || _its.Time.GetElapsedTime(_helloAt) > _its.Times.Retry))
        {
            _helloAt = _its.Time.GetTimestamp();
            _store.Tell(WhatIsHeld());
            foreach (var peer in _its.Peers(Context.System))
            {
                Context.ActorSelection(peer).Tell(new AskHeld(0, 0), Self);
            }
        }
    }

    private void Confirm(DocumentHead? head)
    {
        _isConfirmed = true;
        _its.Use.Confirmed(head);
    }

    private Held WhatIsHeld() => new(
        _its.NodeName, _its.Relays, _its.Shelf.Promise.Epoch, _its.Shelf.Promise.Writer, _its.Shelf.InForce?.Head, _its.Shelf.Accepted?.Head);

    private ReadOnlyMemory<byte>? BodyOf(string digest)
    {
        StoredDocument?[] known = [_offered, _its.Shelf.Accepted, _its.Shelf.InForce];
        return Array.Find(known, document => document?.Head.Digest == digest)?.Body;
    }

    private Piece PieceOf(AskPiece ask) => BodyOf(ask.Digest) is { } body ? Piece.Of(ask.Digest, body, ask) : new Piece(ask.Digest, ask.Offset, default);

    private void Answer(IActorRef asker, StepOrder order, StepOutcome outcome, IEnumerable<PolicyError> errors) =>
        asker.Tell(new StepDone(_its.NodeName, _its.Relays, order.Step, order.Head, outcome, _its.Shelf.Promise.Epoch, Bounded(errors)));

    private static PolicyError NotStored(string problem) => new("(document)", 0, $"cannot be stored: {problem}");

    private static ImmutableArray<PolicyError> Bounded(IEnumerable<PolicyError> errors)
    {
        var room = ErrorOctetsMax;
        // A character is three octets at the most in UTF-8, or two characters are four.
        return [.. errors.TakeWhile(error => (room -= 16 + (3 * (error.Key.Length + error.Message.Length))) >= 0)];
    }

    private sealed record Look
    {
        public static readonly Look Instance = new();
    }
}
