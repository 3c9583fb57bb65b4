using System.Diagnostics.CodeAnalysis;

namespace Relay.Actors.Queues;

/// <summary>What is due at one destination, shared out fairly among senders: deficit round robin (Shreedhar and Varghese, 1995).</summary>
/// <remarks>
/// Each sender in turn may send a quantum of octets; a sender that had nothing waiting goes first once, as in FQ-CoDel (RFC 8290), so
/// that a single message is not behind another's thousand.
/// </remarks>
internal sealed class FairQueue
{
    /// <summary>Octets that a sender may send when it is its turn. 64 KiB.</summary>
    public const long Quantum = 64 * 1024;

    /// <summary>What a message costs beside its octets. 8 KiB: many small messages are work too.</summary>
    public const long CostOfMessage = 8 * 1024;

    private readonly Dictionary<string, Flow> _flows = new(StringComparer.Ordinal);
    private readonly Queue<Flow> _fresh = new();
    private readonly Queue<Flow> _turns = new();

    /// <summary>Entries, those that will be passed over too.</summary>
    public int Count { get; private set; }

    public void Enqueue(RecipientGroup group)
    {
        if (!_flows.TryGetValue(group.Message.Flow, out var flow))
        {
            flow = new Flow(group.Message.Flow);
            _flows.Add(flow.Name, flow);
            _fresh.Enqueue(flow);
        }

        flow.Groups.Enqueue(group);
        Count++;
    }

    public bool TryDequeue([NotNullWhen(true)] out RecipientGroup? group)
    {
        while (_fresh.Count > 0 || _turns.Count > 0)
        {
            var turn = _fresh.Count > 0 ? _fresh : _turns;
            var flow = turn.Peek();
            if (flow.Groups.Count == 0)
            {
                // A sender that went first as a newcomer does not come back as one at once: it waits a round like the others.
                turn.Dequeue();
                if (turn == _fresh && _turns.Count > 0)
                {
                    _turns.Enqueue(flow);
                }
                else
                {
                    _flows.Remove(flow.Name);
                }
            }
            else if (flow.Deficit <= 0 && _flows.Count > 1)
            {
                flow.Deficit += Quantum;
                turn.Dequeue();
                _turns.Enqueue(flow);
            }
            else
            {
                group = flow.Groups.Dequeue();
                if (_flows.Count > 1)
                {
                    flow.Deficit -= group.Cost; // who is alone owes nobody anything,
                }
                else if (turn == _fresh)
                {
                    _turns.Enqueue(_fresh.Dequeue()); // and is a newcomer no longer
                }

                Count--;
                return true;
            }
        }

        group = null;
        return false;
    }

    /// <summary>Takes out every entry that the condition holds for, in no particular order.</summary>
    public List<RecipientGroup> RemoveAll(Predicate<RecipientGroup> condition)
    {
        var removed = new List<RecipientGroup>();
        foreach (var flow in _flows.Values)
        {
            for (var left = flow.Groups.Count; left > 0; left--)
            {
                var group = flow.Groups.Dequeue();
                if (condition(group))
                {
                    removed.Add(group);
                }
                else
                {
                    flow.Groups.Enqueue(group);
                }
            }

            flow.Groups.TrimExcess();
        }

        Count -= removed.Count;
        return removed;
    }

    private sealed class Flow(string name)
    {
        public string Name { get; } = name;

        public Queue<RecipientGroup> Groups { get; } = new(1);

        public long Deficit { get; set; } = Quantum;
    }
}
