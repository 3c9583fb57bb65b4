#!/usr/bin/env python3
"""The load of the soak test: many connections, each message with an id of its own, each id's fate written down.

Every message has an `X-Ledger-Id` and, in `X-Ledger-Sha256`, the checksum of its body. An id is tried once: after a broken connection the
message is `lost` (the server may have it or not) and the next one has a new id. A server that is down is tried again until it is back.
SIGTERM ends it in order: every connection finishes the message it is at. So do --messages and --seconds.
"""

import argparse
import asyncio
import hashlib
import random
import signal
import sys
import time

from records import ACCEPTED, LOST, LedgerWriter, Sent
from smtp import Connection, Refused

LINE = b"The quick brown fox jumps over the lazy dog, again and again and again.\r\n"
RECONNECT_SECONDS = 0.05
REFUSED_PAUSE_SECONDS = 0.2
FINISH_SECONDS = 30.0
CHUNKED_SHARE = 0.5


def build_message(id_: str, octets: int) -> bytes:
    """A message of about so many octets; the body differs from every other message's in its first and its last line."""
    first, last = f"begin {id_}\r\n".encode("ascii"), f"end {id_}\r\n".encode("ascii")
    body = first + LINE * max(1, (octets - 300) // len(LINE)) + last
    header = (f"From: <load@bench.relay.example>\r\nTo: <sink@next.relay.example>\r\nSubject: soak\r\n"
              f"X-Ledger-Id: {id_}\r\nX-Ledger-Sha256: {hashlib.sha256(body).hexdigest()}\r\n\r\n")
    return header.encode("ascii") + body


class Load:
    """All connections and what they share."""

    def __init__(self, arguments: argparse.Namespace, ledger: LedgerWriter) -> None:
        self._arguments = arguments
        self._ledger = ledger
        self._left = arguments.messages
        self._stopping = asyncio.Event()
        self.counts = {ACCEPTED: 0, LOST: 0}

    def stop(self) -> None:
        """Lets every connection finish what it is at."""
        self._stopping.set()

    async def run(self) -> None:
        """Runs until stopped, or all is sent, or the time is over."""
        deadline = asyncio.get_running_loop().call_later(self._arguments.seconds, self.stop)
        workers = [asyncio.create_task(self._work(number)) for number in range(self._arguments.connections)]
        everyone = asyncio.gather(*workers)
        stopping = asyncio.create_task(self._stopping.wait())
        await asyncio.wait({everyone, stopping}, return_when=asyncio.FIRST_COMPLETED)
        deadline.cancel()
        stopping.cancel()
        try:
            async with asyncio.timeout(FINISH_SECONDS):
                await everyone
        except TimeoutError:
            # What was in flight is `lost`: the workers wrote it down when they were cancelled.
            await asyncio.gather(*workers, return_exceptions=True)

    def _may_send(self) -> bool:
        return not self._stopping.is_set() and self._left > 0

    async def _work(self, number: int) -> None:
        """One connection after the other, message after message."""
        choose = random.Random(f"{self._arguments.seed} {number}")
        sent = 0
        while self._may_send():
            try:
                connection = await Connection.open("127.0.0.1", self._arguments.port, self._source(number, sent))
            except (OSError, EOFError, Refused, ValueError):
                await self._pause(RECONNECT_SECONDS)
                continue
            while self._may_send():
                self._left -= 1
                sent += 1
                if not await self._send_one(connection, f"{self._arguments.run}-{number}-{sent}", choose):
                    connection.abort()
                    break
                await self._keep_pace()
                if self._arguments.networks:
                    await self._say_goodbye(connection)
                    break
            else:
                await self._say_goodbye(connection)

    async def _send_one(self, connection: Connection, id_: str, choose: random.Random) -> bool:
        """Sends one message and writes down what became of it. False when the connection is of no more use."""
        large = choose.random() < self._arguments.large_share
        content = build_message(id_, self._arguments.large_octets if large else self._arguments.octets)
        outcome = LOST
        try:
            await connection.send("load@bench.relay.example", self._arguments.recipient, content, choose.random() < CHUNKED_SHARE)
            outcome = ACCEPTED
        except Refused as e:
            outcome = str(e.code)
            if self.counts.get(outcome, 0) == 0:
                print(f"refused: {e}", file=sys.stderr, flush=True)
        except (OSError, EOFError, ValueError):
            pass  # the outcome is `lost`
        finally:
            # Also when this task is cancelled: an id that is nowhere would be taken for a stranger's.
            self._ledger.write(Sent(time.time(), outcome, id_, len(content)))
            self.counts[outcome] = self.counts.get(outcome, 0) + 1
        if outcome not in (ACCEPTED, LOST):
            await self._pause(REFUSED_PAUSE_SECONDS)
        return outcome == ACCEPTED

    def _source(self, number: int, sent: int) -> str | None:
        """With --networks each connection comes from the next /24; else from wherever the system likes."""
        if not self._arguments.networks:
            return None
        return f"127.20.{(number + sent * self._arguments.connections) % self._arguments.networks}.1"

    async def _keep_pace(self) -> None:
        if self._arguments.per_second:
            await self._pause(self._arguments.connections / self._arguments.per_second)

    async def _pause(self, seconds: float) -> None:
        """Waits, but not when all is to end."""
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            pass

    @staticmethod
    async def _say_goodbye(connection: Connection) -> None:
        try:
            await connection.quit()
        except (OSError, EOFError, Refused, ValueError):
            pass


async def run(arguments: argparse.Namespace) -> None:
    """Runs the load and prints what became of it."""
    ledger = LedgerWriter(arguments.ledger)
    load = Load(arguments, ledger)
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, load.stop)
    try:
        await load.run()
    finally:
        ledger.close()
    print(", ".join(f"{outcome}: {count}" for outcome, count in sorted(load.counts.items())), flush=True)


def main() -> None:
    """Reads the command line and runs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, required=True, help="where the relay listens, on 127.0.0.1")
    parser.add_argument("--ledger", required=True, metavar="FILE", help="gets a line for every message; see records.py")
    parser.add_argument("--run", default="soak", help="what every id begins with")
    parser.add_argument("--seed", default="1", help="of the choice of sizes and of DATA or BDAT")
    parser.add_argument("--connections", type=int, default=20)
    parser.add_argument("--messages", type=int, default=5_000_000, help="no more than so many")
    parser.add_argument("--per-second", type=float, default=0, help="no more messages a second than this; 0 for as many as go")
    parser.add_argument("--networks", type=int, default=0, help="a connection for each message, from so many /24 in turn, at most 256")
    parser.add_argument("--recipient", default="sink@next.relay.example")
    parser.add_argument("--seconds", type=float, default=3600, help="no longer than this")
    parser.add_argument("--octets", type=int, default=4096, help="of most messages")
    parser.add_argument("--large-octets", type=int, default=2 << 20, help="of the others")
    parser.add_argument("--large-share", type=float, default=0.01, help="of messages that are large, 0 to 1")
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
