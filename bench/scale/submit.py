#!/usr/bin/env python3
"""Hands in many small messages as fast as the server takes them, dealt out in turn to the domains d0.NAME, d1.NAME, ... of every --domains NAME=N.

Every message has one recipient and one of --senders senders, and its envelope and content go out in one piece (RFC 2920, RFC 3030). Prints
`accepted N seconds S`; ends with 1 at the first refusal or broken connection. Needs ledger/ in PYTHONPATH.
"""

import argparse
import asyncio
import itertools
import sys
import time

from smtp import Connection, Refused

LINE = b"The quick brown fox jumps over the lazy dog, again and again and again.\r\n"


def named_count(text: str) -> tuple[str, int]:
    """live.example=1000"""
    name, _, count = text.partition("=")
    return name, int(count)


def recipients(domains: list[tuple[str, int]]):
    """An address for each message, for ever: every domain in turn, each time another mailbox, so that no two messages are alike."""
    for turn in itertools.count():
        for name, count in domains:
            for number in range(count):
                yield f"user{turn}@d{number}.{name}"


def build_message(sender: str, recipient: str, octets: int) -> bytes:
    """A message of about so many octets."""
    header = f"From: <{sender}>\r\nTo: <{recipient}>\r\nSubject: scale\r\n\r\n".encode("ascii")
    return header + LINE * max(1, (octets - len(header)) // len(LINE))


async def send(arguments: argparse.Namespace, envelopes) -> int:
    """One connection. Returns how many were accepted on it."""
    connection = await Connection.open("127.0.0.1", arguments.port)
    accepted = 0
    for number, recipient in envelopes:
        sender = f"sender{number % arguments.senders}@bench.relay.example"
        await connection.send(sender, recipient, build_message(sender, recipient, arguments.octets), chunked=True)
        accepted += 1
    await connection.quit()
    return accepted


async def run(arguments: argparse.Namespace) -> None:
    """All connections take from one list."""
    start = time.monotonic()
    envelopes = enumerate(itertools.islice(recipients(arguments.domains), arguments.messages))
    async with asyncio.TaskGroup() as connections:
        tasks = [connections.create_task(send(arguments, envelopes)) for _ in range(arguments.connections)]
    print(f"accepted {sum(task.result() for task in tasks)} seconds {time.monotonic() - start:.1f}")


def main() -> None:
    """Reads the command line, sends, prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, required=True, help="where the server listens, on 127.0.0.1")
    parser.add_argument("--domains", type=named_count, action="append", required=True, metavar="NAME=N", help="N domains under NAME")
    parser.add_argument("--messages", type=int, required=True)
    parser.add_argument("--connections", type=int, default=20)
    parser.add_argument("--senders", type=int, default=10)
    parser.add_argument("--octets", type=int, default=1024, help="of each message")
    try:
        asyncio.run(run(parser.parse_args()))
    except* (OSError, EOFError, Refused, ValueError) as failures:
        sys.exit(f"not everything was accepted: {failures.exceptions[0]!r}")


if __name__ == "__main__":
    main()
