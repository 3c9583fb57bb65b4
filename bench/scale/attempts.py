#!/usr/bin/env python3
"""Asks a node's API for the messages that wait for a domain; ends with 1 unless they are so many and none of them was charged with an attempt."""

import argparse
import json
import pathlib
import sys
import urllib.request

SECONDS_MAX = 30
LIST_MAX = 10_000


def main() -> None:
    """Reads the command line, asks, judges."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="the node's Admin:Address")
    parser.add_argument("--token", type=pathlib.Path, required=True, help="its admin.token")
    parser.add_argument("--domain", required=True)
    parser.add_argument("--messages", type=int, required=True, help=f"at most {LIST_MAX}")
    arguments = parser.parse_args()
    request = urllib.request.Request(
        f"http://127.0.0.1:{arguments.port}/api/queue?domain={arguments.domain}&limit={LIST_MAX}",
        headers={"Authorization": f"Bearer {arguments.token.read_text(encoding='ascii').strip()}"})
    with urllib.request.urlopen(request, timeout=SECONDS_MAX) as answer:
        messages = json.load(answer)["messages"]
    attempts = [recipient["attempts"] for message in messages for recipient in message["recipients"]]
    print(f"{len(messages)} messages, attempts {min(attempts, default=0)} to {max(attempts, default=0)}")
    if len(messages) != arguments.messages or any(attempts):
        sys.exit(1)


if __name__ == "__main__":
    main()
