#!/usr/bin/env python3
"""A host that accepts every connection and never says a word: the dead host that costs most. Ends by SIGTERM."""

import argparse
import asyncio

BACKLOG = 4096


async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Reads until the other side has had enough."""
    try:
        while await reader.read(4096):
            pass
    except OSError:
        pass
    writer.close()


async def run(arguments: argparse.Namespace) -> None:
    """Listens for ever."""
    server = await asyncio.start_server(say_nothing, arguments.address, arguments.port, backlog=BACKLOG)
    await server.serve_forever()


def main() -> None:
    """Reads the command line and listens."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--address", required=True)
    parser.add_argument("--port", type=int, required=True)
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
