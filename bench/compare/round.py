#!/usr/bin/env python3
"""One round of bench/compare.sh or bench/cluster-cost.sh: run smtp-source against servers, and watch the sink behind them count.

Prints one line: `accept_seconds delivered_seconds`. The first is the wall time of smtp-source, of the last one where there are several;
the second is from the start until the sink has counted every message. Ends with 1, and says how many came, when smtp-source fails or the sink's count stands still.
"""

import argparse
import os
import re
import signal
import subprocess
import sys
import time

POLL_SECONDS = 0.01
TAIL_BYTES = 256
COUNTER = re.compile(rb"mesg=(\d+)")


def sink_count(path: str) -> int:
    """The last `mesg=N` that `smtp-sink -c` wrote; 0 before the first. A number cut off by the end of the file is not taken."""
    with open(path, "rb") as file:
        file.seek(max(0, os.path.getsize(path) - TAIL_BYTES))
        text = file.read()
    counts = COUNTER.findall(text[: text.rfind(b"\r") + 1])
    return int(counts[-1]) if counts else 0


def share(total: int, parts: int, part: int) -> int:
    """What one of so many parts gets of a whole number; the first ones get what is left over."""
    return total // parts + (part < total % parts)


def start(arguments: argparse.Namespace, part: int) -> subprocess.Popen:
    """Starts the client of one server."""
    parts = len(arguments.port)
    return subprocess.Popen(
        ["smtp-source", "-d", "-s", str(share(arguments.sessions, parts, part)), "-l", str(arguments.size),
         "-m", str(share(arguments.messages, parts, part)), "-f", "sender@bench.relay.example", "-t", "recipient@next.relay.example",
         f"127.0.0.1:{arguments.port[part]}"],
        stdin=subprocess.DEVNULL)


def run(arguments: argparse.Namespace) -> tuple[float, float]:
    """Sends the messages and waits for them; returns both times in seconds."""
    before = sink_count(arguments.sink)
    began = time.monotonic()
    sources = [start(arguments, part) for part in range(len(arguments.port))]
    try:
        accepted = None
        last, last_change = 0, began
        while True:
            arrived = sink_count(arguments.sink) - before
            now = time.monotonic()
            if accepted is None and all(source.poll() is not None for source in sources):
                accepted = now - began
                for source in sources:
                    if source.returncode != 0:
                        sys.exit(f"smtp-source ended with {source.returncode} after {accepted:.1f} s")
            if accepted is not None and arrived >= arguments.messages:
                return accepted, now - began
            if arrived != last:
                last, last_change = arrived, now
            elif now - last_change > arguments.stall:
                sys.exit(f"the sink stands at {arrived} of {arguments.messages} messages for {arguments.stall} s")
            time.sleep(POLL_SECONDS)
    finally:
        for source in sources:
            if source.poll() is None:
                source.kill()
                source.wait()


def main() -> None:
    """Reads the command line, runs, prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, nargs="+", required=True, help="where the servers under test listen, on 127.0.0.1: each gets its part of sessions and messages")
    parser.add_argument("--sink", required=True, metavar="FILE", help="the output of `smtp-sink -c`")
    parser.add_argument("--messages", type=int, required=True)
    parser.add_argument("--sessions", type=int, default=50, help="at once, of all together")
    parser.add_argument("--size", type=int, default=4096, help="octets of a message")
    parser.add_argument("--stall", type=float, default=60, help="seconds without an arrival that end the round")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("told to stop"))
    accepted, delivered = run(parser.parse_args())
    print(f"{accepted:.3f} {delivered:.3f}")


if __name__ == "__main__":
    main()
