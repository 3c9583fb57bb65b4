#!/usr/bin/env python3
"""Holds what the client was told against what the sink got: nothing that got a 250 may be missing.

Prints the figures as Markdown. Ends with 1 when an accepted message is missing, when the sink has a message that nobody sent, when a saved
message is damaged, or when duplicates are over their bound (see duplicates.py), in total or for one kill.
"""

import argparse
import sys
from collections import Counter

from duplicates import Duplicates, find_duplicates
from records import ACCEPTED, KILL, LOST, READY, START, Event, read_arrivals, read_events, read_sent
from saved import check_saved

SHOWN_MAX = 20


class Report:
    """Prints rows, and remembers what was wrong."""

    def __init__(self) -> None:
        self.faults: list[str] = []

    def row(self, name: str, value: object) -> None:
        """One figure."""
        print(f"| {name} | {value} |")

    def must_be_none(self, name: str, ids: list[str]) -> None:
        """A figure that has to be 0; else the ids are shown at the end."""
        self.row(name, len(ids))
        if ids:
            more = f" and {len(ids) - SHOWN_MAX} more" if len(ids) > SHOWN_MAX else ""
            self.faults.append(f"{name}: {', '.join(sorted(ids)[:SHOWN_MAX])}{more}")

    def must_be_within(self, name: str, value: int, bound: int) -> None:
        """A figure that has a bound."""
        self.row(name, f"{value} (bound {bound})")
        if value > bound:
            self.faults.append(f"{name}: {value}, more than {bound}")


def report_messages(report: Report, sent_path: str, sink_path: str) -> None:
    """The one question that matters, and the figures around it."""
    outcomes: dict[str, str] = {}
    for sent in read_sent(sent_path):
        if sent.id in outcomes:
            raise ValueError(f"the client used the id {sent.id} twice")
        outcomes[sent.id] = sent.outcome
    arrived = Counter(arrival.id for arrival in read_arrivals(sink_path))
    by_outcome = Counter(outcomes.values())
    refused = by_outcome.total() - by_outcome[ACCEPTED] - by_outcome[LOST]
    in_doubt = [id_ for id_, outcome in outcomes.items() if outcome == LOST and id_ in arrived]
    refused_arrived = [id_ for id_, outcome in outcomes.items() if outcome not in (ACCEPTED, LOST) and id_ in arrived]

    report.row("messages tried", len(outcomes))
    report.row("accepted: the client read 250", by_outcome[ACCEPTED])
    report.row("in doubt: the connection broke first", by_outcome[LOST])
    report.row("in doubt and arrived (allowed)", len(in_doubt))
    report.row("refused with 4xx or 5xx", refused)
    report.row("refused and arrived", len(refused_arrived))
    report.must_be_none("**accepted and missing**", [i for i, o in outcomes.items() if o == ACCEPTED and i not in arrived])
    report.must_be_none("arrived, but never sent", [id_ for id_ in arrived if id_ not in outcomes])
    if by_outcome[ACCEPTED] == 0:
        report.faults.append("nothing was accepted: this run shows nothing")


def report_kills(report: Report, events: list[Event]) -> None:
    """How often it was killed, and how long it took to be back."""
    kinds = Counter(event.kind for event in events if event.what == KILL)
    for kind, count in sorted(kinds.items()):
        report.row(f"kills {kind}", count)
    waits = sorted(
        ready.at - start.at for start, ready in zip(events, events[1:]) if start.what == START and ready.what == READY)
    if waits:
        report.row("start to ready: median, longest", f"{waits[len(waits) // 2]:.2f} s, {waits[-1]:.2f} s")


def report_duplicates(report: Report, duplicates: Duplicates, connections: int, window_seconds: float) -> None:
    """In total and for each kill, against the bound."""
    killed = [life for life in duplicates.lives if life.ended_by]
    total_bound = sum(life.bound(connections) for life in killed)
    report.must_be_within("duplicates in all", duplicates.total, total_bound)
    report.must_be_none("duplicates without a kill between", duplicates.unexplained)
    if killed:
        worst = max(killed, key=lambda life: life.duplicates)
        report.row("duplicates a kill: mean, most", f"{sum(life.duplicates for life in killed) / len(killed):.1f}, {worst.duplicates}")
        over = [life for life in killed if life.duplicates > life.bound(connections)]
        report.must_be_within("kills over their own bound", len(over), 0)
    print()
    print(f"Bound of a kill: {connections} deliveries in flight + the most messages that the sink took in any {window_seconds * 1000:.0f} ms of "
          "that life, whose done records may not be written yet.")


def print_lives(duplicates: Duplicates, connections: int) -> None:
    """A table with a row for each kill."""
    print()
    print("| kill | kind | arrived in that life | most in the window | duplicates | bound |")
    print("|---|---|---|---|---|---|")
    for number, life in enumerate((life for life in duplicates.lives if life.ended_by), 1):
        print(f"| {number} | {life.ended_by} | {life.arrivals} | {life.busiest_window} | {life.duplicates} | {life.bound(connections)} |")


def main() -> None:
    """Reads the files, prints, and says by the exit status whether all is well."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sent", required=True, metavar="FILE", help="the client's ledger")
    parser.add_argument("--sink", required=True, metavar="FILE", help="the sink's ledger")
    parser.add_argument("--events", required=True, metavar="FILE", help="starts and kills")
    parser.add_argument("--saved", metavar="DIR", help="what the sink saved: bodies are compared too")
    parser.add_argument("--connections", type=int, default=20, help="delivery connections to the sink (default 20)")
    parser.add_argument("--window-ms", type=float, default=50, help="longest time until a done record is written (default 50)")
    parser.add_argument("--each-kill", action="store_true", help="print a row for each kill")
    arguments = parser.parse_args()

    report = Report()
    events = list(read_events(arguments.events))
    window_seconds = arguments.window_ms / 1000
    duplicates = find_duplicates(read_arrivals(arguments.sink), events, window_seconds)
    print("| | |")
    print("|---|---|")
    report_kills(report, events)
    report_messages(report, arguments.sent, arguments.sink)
    if arguments.saved:
        saved = check_saved(arguments.saved)
        report.row("bodies compared", saved.count)
        report.must_be_none("bodies damaged", saved.damaged)
    report_duplicates(report, duplicates, arguments.connections, window_seconds)
    if arguments.each_kill:
        print_lives(duplicates, arguments.connections)

    sys.stdout.flush()
    for fault in report.faults:
        print(f"FAULT: {fault}", file=sys.stderr)
    sys.exit(1 if report.faults else 0)


if __name__ == "__main__":
    main()
