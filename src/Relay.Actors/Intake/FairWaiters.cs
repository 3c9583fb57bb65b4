namespace Relay.Actors.Intake;

/// <summary>Mails that wait for room: each sender has a line of its own, and the lines take turns. Pure.</summary>
/// <typeparam name="T">What waits.</typeparam>
internal sealed class FairWaiters<T>
{
    private readonly LinkedList<Line> _turns = new();
    private readonly Dictionary<ShareKey, LinkedListNode<Line>> _lines = [];

    /// <summary>How many wait.</summary>
    public int Count { get; private set; }

    /// <summary>One more waits, at the end of its sender's line.</summary>
    public void Add(ShareKey key, T waiter, TimeSpan since)
    {
        if (!_lines.TryGetValue(key, out var line))
        {
            line = _turns.AddLast(new Line(key));
            _lines.Add(key, line);
        }

        line.Value.Waiters.AddLast((waiter, since));
        Count++;
    }

    /// <summary>Takes the last one of the longest line: whoever asks for most is told first that it is hopeless.</summary>
    public T TakeFromLongest()
    {
        var line = _lines[_turns.MaxBy(static line => line.Waiters.Count)!.Key];
        var waiter = line.Value.Waiters.Last!.Value.Waiter;
        line.Value.Waiters.RemoveLast();
        Taken(line);
        return waiter;
    }

    /// <summary>Takes those that have waited since before a time.</summary>
    public IEnumerable<T> TakeOlderThan(TimeSpan time)
    {
        for (var line = _turns.First; line is not null;)
        {
            var next = line.Next;
            while (line.Value.Waiters.First is { } first && first.Value.Since < time)
            {
                line.Value.Waiters.RemoveFirst();
                Taken(line);
                yield return first.Value.Waiter;
            }

            line = next;
        }
    }

    /// <summary>Those at the heads of their lines that have waited since before a time, in the order of their turns.</summary>
    public IEnumerable<(ShareKey Key, T Waiter)> HeadsOlderThan(TimeSpan time) => _turns
        .Where(line => line.Waiters.First!.Value.Since <= time)
        .Select(static line => (line.Key, line.Waiters.First!.Value.Waiter));

    /// <summary>Gives each line its turn, one mail at a time, until none of those at the heads of the lines can go.</summary>
    /// <param name="tryServe">Serves one, or says that it goes on waiting.</param>
    public void Serve(Func<ShareKey, T, bool> tryServe)
    {
        for (var refused = 0; refused < _turns.Count;)
        {
            var line = _turns.First!;
            _turns.RemoveFirst();
            _turns.AddLast(line);
            if (!tryServe(line.Value.Key, line.Value.Waiters.First!.Value.Waiter))
            {
                refused++;
                continue;
            }

            refused = 0;
            line.Value.Waiters.RemoveFirst();
            Taken(line);
        }
    }

    private void Taken(LinkedListNode<Line> line)
    {
        Count--;
        if (line.Value.Waiters.Count == 0)
        {
            _turns.Remove(line);
            _lines.Remove(line.Value.Key);
        }
    }

    private sealed class Line(ShareKey key)
    {
        public ShareKey Key => key;

        public LinkedList<(T Waiter, TimeSpan Since)> Waiters { get; } = new();
    }
}
