#!/usr/bin/env python3
"""A host that is back after an outage with a backlog waiting for it: takes --messages messages, and watches how the sender comes.

Prints a table of the connections that were open against time, then what was against the rules, and ends with 1 when anything was:

- never more connections at once than --connections-max;
- one connection, until it has had its first message accepted: a host that was dead is tried with one;
- then no more than a window that begins at --window and grows by one with each window of accepted messages.

Each message takes --delay seconds, as a real host takes its time: a sender that could do with more connections opens them.
"""

import argparse
import asyncio
import sys
import time

LINE_MAX = 4096
ROWS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000)


class Host:
    """The host and what it saw."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self._arguments = arguments
        self.open = 0
        self.most = 0
        self.connections = 0
        self.accepted = 0
        self.started = time.monotonic()
        self.faults: list[str] = []
        self.recipients: set[str] = set()
        self.rows: list[tuple[float, int, int]] = []
        self.done = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, from its first moment."""
        self.open += 1
        self.connections += 1
        self._judge()
        try:
            await self._converse(reader, writer)
        except (OSError, EOFError, ValueError, asyncio.CancelledError):
            pass  # the sender has gone, or all is over
        finally:
            self.open -= 1
            writer.close()

    def _judge(self) -> None:
        if self.connections == 1:
            self.started = time.monotonic()
        self.most = max(self.most, self.open)
        # A success adds 1/N to a window of N, so all of them no more than their number by the first window. Counted before the reply goes out.
        window = self._arguments.window
        allowed = 1 if self.accepted == 0 else int(min(self._arguments.connections_max, window + self.accepted / window))
        if self.open > allowed:
            self.faults.append(f"{self.open} connections after {self.accepted} accepted messages, {allowed} at most")

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        recipient = ""
        writer.write(b"220 back.relay.example\r\n")
        while line := await reader.readuntil(b"\n"):
            verb = line[:4].upper()
            if verb == b"DATA":
                writer.write(b"354 go on\r\n")
                await reader.readuntil(b"\r\n.\r\n")
                await asyncio.sleep(self._arguments.delay)
                self._accept(recipient)
            elif verb == b"RCPT":
                recipient = line.decode("ascii").strip()
            writer.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 ok\r\n")
            if verb == b"QUIT":
                return

    def _accept(self, recipient: str) -> None:
        if recipient in self.recipients:
            self.faults.append(f"{recipient} came twice")
        self.recipients.add(recipient)
        self.accepted += 1
        if self.accepted in ROWS or self.accepted == self._arguments.messages:
            self.rows.append((time.monotonic() - self.started, self.accepted, self.open))
        if self.accepted >= self._arguments.messages:
            self.done.set()


async def run(arguments: argparse.Namespace) -> Host:
    """Listens until everything is there or the time is over."""
    host = Host(arguments)
    server = await asyncio.start_server(host.serve, arguments.address, arguments.port, limit=1 << 20)
    print("listening", flush=True)
    try:
        async with asyncio.timeout(arguments.seconds):
            await host.done.wait()
    except TimeoutError:
        host.faults.append(f"{host.accepted} of {arguments.messages} messages came within {arguments.seconds:.0f} s")
    server.close()
    return host


def main() -> None:
    """Reads the command line, listens, prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--address", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--messages", type=int, required=True)
    parser.add_argument("--connections-max", type=int, default=20, help="the policy's connectionsPerDestination")
    parser.add_argument("--window", type=int, default=5, help="ConcurrencyWindow.Initial")
    parser.add_argument("--delay", type=float, default=0.02, help="seconds that each message takes")
    parser.add_argument("--seconds", type=float, default=600, help="no longer than this")
    arguments = parser.parse_args()
    host = asyncio.run(run(arguments))
    print("| messages accepted | after | connections open |\n|---|---|---|")
    for seconds, accepted, connections in host.rows:
        print(f"| {accepted} | {seconds:.2f} s | {connections} |")
    print(f"connections at once, at most: {host.most}; connections in all: {host.connections}")
    for fault in host.faults[:10]:
        print(f"fault: {fault}")
    if host.faults:
        sys.exit(1)


if __name__ == "__main__":
    main()
