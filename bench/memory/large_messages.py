#!/usr/bin/env python3
"""Sends large messages on several connections at once, several on each, as fast as the server takes them.

Prints `accepted N refused N seconds S`. A message refused for the moment (4xx) is sent again, until --seconds are over; ends with 1 unless
every message was accepted in the end. The content is made piece by piece: this process stays small whatever it sends.
"""

import argparse
import socket
import sys
import threading
import time

LINE = b"The quick brown fox jumps over the lazy dog, again and again and again.\r\n"
PIECE = LINE * 1024
HEADER = b"From: <large@bench.relay.example>\r\nTo: <sink@next.relay.example>\r\nSubject: large\r\n\r\n"
SOCKET_SECONDS = 120.0
PAUSE_SECONDS = 1.0


class Refused(Exception):
    """The server said no."""


class Sender(threading.Thread):
    """One connection."""

    def __init__(self, arguments: argparse.Namespace, deadline: float) -> None:
        super().__init__(daemon=True)
        self._arguments = arguments
        self._deadline = deadline
        self.accepted = 0
        self.refused = 0
        self.failure: Exception | None = None

    def run(self) -> None:
        """Sends what is to be sent."""
        try:
            while self.accepted < self._arguments.messages and time.monotonic() < self._deadline:
                try:
                    self._send_over_one_connection()
                except Refused as e:
                    self.refused += 1
                    self.failure = e
                    time.sleep(PAUSE_SECONDS)  # a refusal asks to be left alone for a while; there is nothing to poll
        except OSError as e:
            self.failure = e

    def _send_over_one_connection(self) -> None:
        with socket.create_connection(("127.0.0.1", self._arguments.port), SOCKET_SECONDS) as connection, connection.makefile("rb") as replies:
            expect(replies, b"220")
            command(connection, replies, b"EHLO large.bench.relay.example\r\n", b"250")
            while self.accepted < self._arguments.messages:
                size = self._arguments.octets
                command(connection, replies, f"MAIL FROM:<large@bench.relay.example> SIZE={size}\r\n".encode("ascii"), b"250")
                command(connection, replies, b"RCPT TO:<sink@next.relay.example>\r\n", b"250")
                command(connection, replies, b"DATA\r\n", b"354")
                send_content(connection, size)
                command(connection, replies, b".\r\n", b"250")
                self.accepted += 1
            command(connection, replies, b"QUIT\r\n", b"221")


def send_content(connection: socket.socket, octets: int) -> None:
    """So many octets, to within a line."""
    connection.sendall(HEADER)
    left = (octets - len(HEADER)) // len(LINE) * len(LINE)
    while left > 0:
        connection.sendall(PIECE[:left])
        left -= len(PIECE)


def command(connection: socket.socket, replies, line: bytes, code: bytes) -> None:
    """Sends a line and reads its reply."""
    connection.sendall(line)
    expect(replies, code)


def expect(replies, code: bytes) -> None:
    """Reads one reply, which must have the code."""
    while True:
        line = replies.readline()
        if not line:
            raise Refused("the connection was closed")
        if line[3:4] != b"-":
            break
    if not line.startswith(code):
        raise Refused(line.decode("ascii", "replace").strip())


def main() -> None:
    """Reads the command line, sends, prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, required=True, help="where the server listens, on 127.0.0.1")
    parser.add_argument("--connections", type=int, default=20)
    parser.add_argument("--messages", type=int, default=3, help="on each connection")
    parser.add_argument("--octets", type=int, default=50 << 20, help="of each message")
    parser.add_argument("--seconds", type=float, default=600, help="no longer than this")
    arguments = parser.parse_args()
    start = time.monotonic()
    senders = [Sender(arguments, start + arguments.seconds) for _ in range(arguments.connections)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join(max(0.0, start + arguments.seconds + SOCKET_SECONDS - time.monotonic()))
    accepted = sum(sender.accepted for sender in senders)
    print(f"accepted {accepted} refused {sum(sender.refused for sender in senders)} seconds {time.monotonic() - start:.1f}")
    if accepted < arguments.connections * arguments.messages:
        sys.exit(f"not everything was accepted: {next((s.failure for s in senders if s.failure), 'too slow')}")


if __name__ == "__main__":
    main()
