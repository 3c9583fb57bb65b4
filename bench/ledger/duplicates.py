"""Duplicates: how many each kill caused, and how many it may cause.

A message comes twice when the relay is killed between the next hop's 250 and the record that it is done:

- a delivery is in flight: the next hop has the message, the relay has not read the answer; at most one on each delivery connection;
- the record is not written yet: it rides along with the next batch, which waits for the sync before it, 50 ms at the most.

So a kill may cost `connections + the most messages that the sink took in any 50 ms of that life`. A life is the time from one start of the
relay to the next. Two arrivals of one message in the same life have no such excuse.
"""

from bisect import bisect_right
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass

from records import KILL, START, Arrival, Event

# No relay delivers so soon after its process began. What arrives then was sent by the one before: the sink is still reading its buffers.
START_UP_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Life:
    """The time from one start of the relay to the next, and what it cost."""

    started_at: float
    ended_by: str
    arrivals: int
    busiest_window: int
    duplicates: int

    def bound(self, connections: int) -> int:
        """The most duplicates that the end of this life may cause."""
        return connections + self.busiest_window


@dataclass(frozen=True, slots=True)
class Duplicates:
    """What the sink's ledger and the events amount to."""

    lives: list[Life]
    unexplained: list[str]

    @property
    def total(self) -> int:
        """All arrivals but the first of each message."""
        return sum(life.duplicates for life in self.lives) + len(self.unexplained)


def find_duplicates(arrivals: Iterable[Arrival], events: Iterable[Event], window_seconds: float) -> Duplicates:
    """Charges every duplicate to the end of the life in which the message had arrived before."""
    starts, ends = _lives(events)
    arrived_in: dict[str, int] = {}
    counts, charged, unexplained = Counter(), Counter(), []
    busiest = [0] * len(starts)
    window: deque[float] = deque()
    for arrival in sorted(arrivals, key=lambda a: a.at):
        life = bisect_right(starts, arrival.at) - 1
        if life < 0:
            raise ValueError(f"{arrival.id} arrived before the relay's first start")
        counts[life] += 1
        # What arrived before this life's start belongs to the life before.
        window.append(arrival.at)
        while window[0] < max(arrival.at - window_seconds, starts[life]):
            window.popleft()
        busiest[life] = max(busiest[life], len(window))
        before = arrived_in.get(arrival.id)
        arrived_in[arrival.id] = life
        if before == life:
            unexplained.append(arrival.id)
        elif before is not None:
            charged[before] += 1
    lives = [Life(starts[i], ends[i], counts[i], busiest[i], charged[i]) for i in range(len(starts))]
    return Duplicates(lives, unexplained)


def _lives(events: Iterable[Event]) -> tuple[list[float], list[str]]:
    """When each life began, and the kind of kill that ended it; the last one was ended by none."""
    starts: list[float] = []
    ends: list[str] = []
    for event in events:
        if event.what == START:
            starts.append(event.at + START_UP_SECONDS)
            ends.append("")
        elif event.what == KILL:
            ends[-1] = event.kind
    return starts, ends
