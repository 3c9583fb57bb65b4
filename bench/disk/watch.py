#!/usr/bin/env python3
"""Writes down five times a second what is used of a small disk, until SIGTERM: time, octets used in all, in the log's folder, in the spool, pressure, queue."""

import argparse
import os
import signal
import sys
import threading
import urllib.request

import time

INTERVAL = 0.2  # seconds: fast senders fill a fifth of the disk in one
METRICS = {"relay_spool_bytes": 0.0, "relay_pressure_level": 0.0, "relay_queue_messages": 0.0, "relay_log_lines_lost_total": 0.0}


def read_metrics(port: int) -> dict[str, float]:
    """The figures, sums over all labels; those of before where the node does not answer."""
    found = dict.fromkeys(METRICS, 0.0)
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
        for line in answer.read().decode("utf-8").splitlines():
            name = line.split("{")[0].split(" ")[0]
            if name in found:
                found[name] += float(line.rpartition("}")[2].split()[0] if "}" in line else line.split()[1])
    return found


def size_of(folder: str) -> int:
    """Octets of the files in it."""
    total = 0
    for entry in os.scandir(folder) if os.path.isdir(folder) else []:
        try:
            total += entry.stat().st_size
        except FileNotFoundError:
            pass  # it was the oldest, and went
    return total


def main() -> None:
    """Reads the command line and watches."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--disk", required=True, help="where the file system is mounted")
    parser.add_argument("--log", required=True, help="the log's folder")
    parser.add_argument("--admin", type=int, required=True, help="the node's admin port")
    parser.add_argument("--out", required=True, metavar="FILE")
    arguments = parser.parse_args()
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    figures = METRICS
    with open(arguments.out, "w", encoding="ascii", buffering=1) as out:
        while not stopping.wait(INTERVAL):
            disk = os.statvfs(arguments.disk)
            used = (disk.f_blocks - disk.f_bfree) * disk.f_frsize
            try:
                figures = read_metrics(arguments.admin)
            except OSError as e:
                print(f"no metrics: {e}", file=sys.stderr)
            row = [f"{time.time():.3f}", used, disk.f_blocks * disk.f_frsize, size_of(arguments.log), *(int(value) for value in figures.values())]
            out.write("\t".join(map(str, row)) + "\n")


if __name__ == "__main__":
    main()
