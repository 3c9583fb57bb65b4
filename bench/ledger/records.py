"""What the soak test writes down, and how it is read again.

Three files tell the whole story, each line ended by LF and written in one call, times in seconds since 1970:

- the client's: `time TAB outcome TAB id TAB octets`. Outcome is `250` (the client had the reply in hand when it wrote the line), another
  code (the server refused), or `lost` (the connection broke: nobody knows).
- the sink's, written by `relay sink --ledger`: `ISO 8601 time TAB id TAB recipient...`, before the sink's own 250.
- the events: `time TAB start|ready|kill TAB kind`.

A line without LF at the end of a file was torn and counts as not written.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone

ACCEPTED = "250"
LOST = "lost"
KILL, START, READY = "kill", "start", "ready"


@dataclass(frozen=True, slots=True)
class Sent:
    """One attempt of the client to hand over one message."""

    at: float
    outcome: str
    id: str
    octets: int


@dataclass(frozen=True, slots=True)
class Arrival:
    """One message that the sink took; a duplicate is a second one with the same id."""

    at: float
    id: str


@dataclass(frozen=True, slots=True)
class Event:
    """Something that was done to the relay."""

    at: float
    what: str
    kind: str


class LedgerWriter:
    """Appends lines to a file, each with one call to the system: a line that was written outlives this process."""

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)

    def write(self, sent: Sent) -> None:
        """Appends one line."""
        line = f"{sent.at:.6f}\t{sent.outcome}\t{sent.id}\t{sent.octets}\n".encode("ascii")
        if os.write(self._file, line) != len(line):
            raise OSError("half a line of the ledger was written: is the disk full?")

    def close(self) -> None:
        """Closes the file."""
        os.close(self._file)


def read_sent(path: str) -> Iterator[Sent]:
    """The client's lines in their order."""
    for at, outcome, id_, octets in _fields(path, 4):
        yield Sent(float(at), outcome, id_, int(octets))


def read_arrivals(path: str) -> Iterator[Arrival]:
    """The sink's lines in their order."""
    for at, id_, *_ in _fields(path, 3):
        yield Arrival(parse_time(at), id_)


def read_events(path: str) -> Iterator[Event]:
    """The events in their order."""
    for at, what, kind in _fields(path, 3):
        yield Event(float(at), what, kind)


def parse_time(text: str) -> float:
    """Seconds since 1970 of `2026-11-24T08:15:04.1234567Z`. Python itself takes six decimals at the most."""
    whole, _, fraction = text.rstrip("Z").partition(".")
    return datetime.fromisoformat(whole).replace(tzinfo=timezone.utc).timestamp() + float(f"0.{fraction or 0}")


def _fields(path: str, count_min: int) -> Iterator[list[str]]:
    with open(path, encoding="utf-8", newline="\n") as file:
        for number, line in enumerate(file, 1):
            if not line.endswith("\n"):
                return
            fields = line[:-1].split("\t")
            if len(fields) < count_min:
                raise ValueError(f"{path}:{number}: {len(fields)} fields, not {count_min} or more")
            yield fields
