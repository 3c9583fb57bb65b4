namespace Relay.Actors.Intake;

/// <summary>The mails for which room is held, and which of them give way to others that wait. Thread-safe.</summary>
/// <remarks>Room that is held and hardly used would cost a flood nothing: whoever is slowest for what it holds gives it up first.</remarks>
internal sealed class HeldMails
{
    private readonly Lock _lock = new();
    private readonly HashSet<SpaceHold> _holds = [];
    private long _givenWay;

    /// <summary>Mails that had to give way.</summary>
    public long GivenWay => Interlocked.Read(ref _givenWay);

    /// <summary>Room is held for one more.</summary>
    public void Add(SpaceHold hold)
    {
        lock (_lock)
        {
            _holds.Add(hold);
        }
    }

    /// <summary>Its room is given back.</summary>
    public void Remove(SpaceHold hold)
    {
        lock (_lock)
        {
            _holds.Remove(hold);
        }
    }

    /// <summary>Has so many give way that those who wait find room, the slowest first.</summary>
    /// <param name="waiting">Who waits, in the order of their turns.</param>
    /// <param name="limits">Say what is slow.</param>
    /// <param name="now">The time.</param>
    public void MakeWay(IReadOnlyList<RoomWanted> waiting, IntakeLimits limits, TimeSpan now)
    {
        lock (_lock)
        {
            List<SpaceHold> slow =
            [
                .. _holds.Where(hold => hold.MayGiveWay && hold.Age(now) >= limits.GiveWayAfter && hold.TimeAt(now) > limits.GiveWayTime)
                    .OrderByDescending(hold => hold.TimeAt(now)),
            ];
            var coming = _holds.Where(static hold => hold.MustGiveWay).Sum(static hold => hold.Bytes);
            var needed = 0L;
            foreach (var wanted in waiting)
            {
                needed += wanted.Bytes + wanted.HeldBytes;
                while (coming < needed && slow.FindIndex(hold => GivesWay(hold, wanted)) is var index && index >= 0)
                {
                    coming += slow[index].Bytes;
                    slow[index].GiveWay();
                    slow.RemoveAt(index);
                    Interlocked.Increment(ref _givenWay);
                }
            }
        }
    }

    // Strangers never take from those who are trusted, and whoever has something on its way takes only from who has more.
    private static bool GivesWay(SpaceHold hold, in RoomWanted wanted)
    {
        var holder = hold.Share.Joint ?? hold.Share;
        return (wanted.Key.IsTrusted || !holder.Key.IsTrusted)
            && (wanted.HeldBytes == 0 || holder.HeldBytes > wanted.HeldBytes + wanted.Bytes || holder.Key == (wanted.Key.Joint ?? wanted.Key));
    }
}

/// <summary>Room that somebody waits for.</summary>
/// <param name="Key">Whose mail waits.</param>
/// <param name="Bytes">The room for it, in octets.</param>
/// <param name="HeldBytes">What the sender, with those it has a bound with, holds already.</param>
internal readonly record struct RoomWanted(ShareKey Key, long Bytes, long HeldBytes);
