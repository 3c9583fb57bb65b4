#!/usr/bin/env python3
"""Opens many SMTP connections, says EHLO on each, and then keeps them open and silent.

Prints `open N` when all have their answer, and ends when its standard input does; `lost N` then says how many the server had closed by itself.
The connections come from several addresses of 127.0.0.0/8, so that no pair of addresses runs out of ports.
"""

import argparse
import asyncio
import socket
import sys

AT_ONCE = 200       # connections being opened at one time: less than any listen backlog
TRY_SECONDS = 30.0


async def open_one(port: int, source: str) -> socket.socket:
    """A socket that has been greeted and has the whole answer to EHLO. A bare socket: ten thousand of them must fit into this process, too."""
    loop = asyncio.get_running_loop()
    connection = socket.socket()
    try:
        connection.setblocking(False)
        # The port is chosen when it connects: each port serves for every source address.
        connection.setsockopt(socket.IPPROTO_IP, getattr(socket, "IP_BIND_ADDRESS_NO_PORT", 24), 1)
        connection.bind((source, 0))
        async with asyncio.timeout(TRY_SECONDS):
            await loop.sock_connect(connection, ("127.0.0.1", port))
            await read_reply(loop, connection, b"220")
            await loop.sock_sendall(connection, b"EHLO idle.bench.relay.example\r\n")
            await read_reply(loop, connection, b"250")
    except BaseException:
        connection.close()
        raise
    return connection


async def read_reply(loop: asyncio.AbstractEventLoop, connection: socket.socket, code: bytes) -> None:
    """Reads to the end of a reply, which must have the code."""
    text = b""
    while not (text.endswith(b"\r\n") and text.rstrip().rsplit(b"\n", 1)[-1][3:4] == b" "):
        part = await loop.sock_recv(connection, 4096)
        if not part:
            raise OSError(f"closed after {text!r}")
        text += part
    if not text.startswith(code):
        raise OSError(f"answered {text!r}")


def count_lost(connections: list[socket.socket]) -> int:
    """How many have something to read: nothing was due, so they were closed."""
    lost = 0
    for connection in connections:
        try:
            connection.recv(1, socket.MSG_PEEK)
            lost += 1
        except BlockingIOError:
            pass
        except OSError:
            lost += 1
    return lost


async def open_all(arguments: argparse.Namespace) -> list[socket.socket]:
    """All of them, a few hundred at a time."""
    slots = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> socket.socket:
        async with slots:
            return await open_one(arguments.port, f"127.0.0.{2 + number % arguments.addresses}")

    return await asyncio.gather(*(one(number) for number in range(arguments.connections)))


def main() -> None:
    """Reads the command line, opens, waits for the end of the input."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, required=True, help="where the server listens, on 127.0.0.1")
    parser.add_argument("--connections", type=int, default=10_000)
    parser.add_argument("--addresses", type=int, default=20, help="source addresses, from 127.0.0.2 on")
    arguments = parser.parse_args()
    try:
        connections = asyncio.run(open_all(arguments))
    except OSError as e:
        sys.exit(f"a connection failed: {e}")
    print(f"open {len(connections)}", flush=True)
    sys.stdin.read()
    print(f"lost {count_lost(connections)}", flush=True)


if __name__ == "__main__":
    main()
