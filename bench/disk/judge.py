#!/usr/bin/env python3
"""Holds what was written down of a small disk against what is promised, and prints the figures as Markdown.

While two senders flood within their rate (the phase `flood`) the disk holds no more than their shares and the log's quota, and nobody is refused.
When many fill it (`fill`) the first refusal is 452, it comes neither early nor too late, and nothing else is answered. After the drain (`normal`)
nobody is refused any more. Ends with 1 when one of these does not hold.
"""

import argparse
import os
import sys
from dataclasses import dataclass

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "ledger"))
from records import ACCEPTED, LOST, Sent, read_sent  # noqa: E402

MEBIBYTE = 1 << 20
FULL_MIN, FULL_MAX = 0.70, 0.98     # of the disk, at the first 452
SPARSE = 0.4                        # a segment of the spool with less of it left is put together with others
DEAD_OCTETS = 512 << 10             # a message of dead-destination
UNDER_WAY_MAX = 50                  # messages of everybody else that a look may find in the queue


@dataclass(frozen=True, slots=True)
class Sample:
    """A line of watch.py."""

    at: float
    used: int
    size: int
    log: int
    spool: int
    level: int
    queue: int
    lost: int


def read_samples(path: str) -> list[Sample]:
    """All lines."""
    with open(path, encoding="ascii") as file:
        rows = (line.split("\t") for line in file)
        return [Sample(float(row[0]), *map(int, row[1:])) for row in rows]


def read_phases(path: str) -> dict[str, float]:
    """When each phase began."""
    with open(path, encoding="ascii") as file:
        return {name: float(at) for at, name in (line.split() for line in file)}


class Report:
    """Prints rows, and remembers what was wrong."""

    def __init__(self) -> None:
        self.faults: list[str] = []

    def row(self, name: str, value: str, holds: bool = True) -> None:
        """One figure."""
        print(f"| {name} | {value} |{'' if holds else ' **missed**'}")
        if not holds:
            self.faults.append(f"{name}: {value}")


def refusals(sent: list[Sent], since: float, until: float) -> list[Sent]:
    """What was answered, and not with 250, in a time."""
    return [one for one in sent if one.outcome not in (ACCEPTED, LOST) and since <= one.at < until]


def used_at(samples: list[Sample], at: float) -> float:
    """The part of the disk that was used at a time. Between two looks it is taken to have filled evenly."""
    before = max((sample for sample in samples if sample.at <= at), key=lambda sample: sample.at)
    after = min((sample for sample in samples if sample.at >= at), key=lambda sample: sample.at)
    passed = (at - before.at) / (after.at - before.at) if after.at > before.at else 0
    return (before.used + (after.used - before.used) * passed) / before.size


def mebibytes(octets: float) -> str:
    """For a table."""
    return f"{octets / MEBIBYTE:.0f} MiB"


def judge(arguments: argparse.Namespace, report: Report) -> None:
    """All claims."""
    samples, phases = read_samples(arguments.samples), read_phases(arguments.phases)
    steady, fill = list(read_sent(arguments.steady)), list(read_sent(arguments.fill))
    flood = [sample for sample in samples if phases["flood"] <= sample.at < phases["fill"]]
    growth = max(sample.used for sample in flood) - flood[0].used
    waiting = int(arguments.share / SPARSE)
    bound = waiting + arguments.share + arguments.log_quota
    report.row("disk while two flooded: most over the start", f"{mebibytes(growth)} (bound {mebibytes(bound)}: one share that waits, in segments of which two fifths are left; one under way; the log)", growth <= bound)
    most = max(sample.spool for sample in flood) - flood[0].spool
    report.row("spool's files then", f"{mebibytes(most)} (bound {mebibytes(waiting + arguments.share)})", most <= waiting + arguments.share)
    queued, queued_max = max(sample.queue for sample in flood), arguments.share // DEAD_OCTETS + UNDER_WAY_MAX
    report.row("messages in the queue then", f"{queued} (bound {queued_max}: a share of 512 KiB each, and {UNDER_WAY_MAX} of others)", queued <= queued_max)
    log = max(sample.log for sample in samples)
    report.row("log files, most in the whole run", f"{mebibytes(log)} (bound {mebibytes(arguments.log_quota)})", log <= arguments.log_quota)
    report.row("lines of the log lost", str(samples[-1].lost), samples[-1].lost == 0)
    early = refusals(steady, 0, phases["fill"])
    report.row("steady sender refused while two flooded", str(len(early)), not early)

    all_refused = refusals(fill, phases["fill"], phases["drain"])
    report.row("refusals of those who filled the disk", str(len(all_refused)), bool(all_refused))
    if all_refused:
        first = all_refused[0]
        part = used_at(samples, first.at)
        report.row("the first of them", f"{first.outcome}, at {part * 100:.0f} % of the disk", first.outcome == "452" and FULL_MIN <= part <= FULL_MAX)
    codes = sorted({one.outcome for one in all_refused + refusals(steady, phases["fill"], phases["normal"])})
    report.row("all codes but 250 and lost", ", ".join(codes), set(codes) <= {"452", "451", "421"})
    report.row("most of the disk in use", f"{max(sample.used / sample.size for sample in samples) * 100:.0f} %")
    peak = max(sample.level for sample in samples)
    report.row("highest pressure, and at the end", f"{peak}, {samples[-1].level}", peak >= 1 and samples[-1].level == 0)
    report.row("from the drain's begin to an empty queue and Normal", f"{phases['normal'] - phases['drain']:.0f} s")
    after = [one for one in steady if one.at >= phases["normal"]]
    late = refusals(steady, phases["normal"], float("inf"))
    report.row("steady sender after that: accepted, refused", f"{sum(one.outcome == ACCEPTED for one in after)}, {len(late)}", bool(after) and not late)


def main() -> None:
    """Reads the files, prints, and says by the exit status whether all holds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", required=True, metavar="FILE", help="of watch.py")
    parser.add_argument("--phases", required=True, metavar="FILE", help="a time and a name a line")
    parser.add_argument("--steady", required=True, metavar="FILE", help="the steady sender's ledger")
    parser.add_argument("--fill", required=True, metavar="FILE", help="the ledger of those who fill the disk")
    parser.add_argument("--share", type=int, required=True, help="octets of one sender")
    parser.add_argument("--log-quota", type=int, required=True, help="octets of the log")
    report = Report()
    print("| | |")
    print("|---|---|")
    judge(parser.parse_args(), report)
    for fault in report.faults:
        print(f"FAULT: {fault}", file=sys.stderr)
    sys.exit(1 if report.faults else 0)


if __name__ == "__main__":
    main()
