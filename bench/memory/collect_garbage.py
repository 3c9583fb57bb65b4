#!/usr/bin/env python3
"""Has a .NET process collect its garbage, through its diagnostics socket: the same full collection that `dotnet-gcdump` asks for.

Memory that a process holds only because nothing has pressed it to let go is not what a measurement is after. The protocol is that of
dotnet/diagnostics, documentation/design-docs/ipc-protocol.md: one event session whose only keyword asks for a collection.
"""

import argparse
import glob
import os
import socket
import struct
import sys
import tempfile
import threading

MAGIC = b"DOTNET_IPC_V1\0"
EVENT_PIPE, COLLECT_TRACING, STOP_TRACING = 0x02, 0x02, 0x01
SERVER, OK = 0xFF, 0x00
NETTRACE_FORMAT = 1
GC_HEAP_COLLECT_KEYWORD = 0x800000
LEVEL_INFORMATIONAL = 4
BUFFER_MEGABYTES = 1
SECONDS_MAX = 30.0


def encode_string(text: str) -> bytes:
    """Length in characters with the closing NUL, then UTF-16."""
    return struct.pack("<I", len(text) + 1) + (text + "\0").encode("utf-16-le")


def request(connection: socket.socket, command: int, payload: bytes) -> bytes:
    """Sends a command, returns the answer's payload."""
    connection.sendall(MAGIC + struct.pack("<HBBH", 20 + len(payload), EVENT_PIPE, command, 0) + payload)
    header = read_exactly(connection, 20)
    size, command_set, answer, _ = struct.unpack("<HBBH", header[14:])
    body = read_exactly(connection, size - 20)
    if header[:14] != MAGIC or (command_set, answer) != (SERVER, OK):
        raise OSError(f"the process refused: {answer:#x} {body.hex()}")
    return body


def read_exactly(connection: socket.socket, count: int) -> bytes:
    """So many octets."""
    data = b""
    while len(data) < count:
        part = connection.recv(count - len(data))
        if not part:
            raise OSError("the process closed its diagnostics connection")
        data += part
    return data


def connect(pid: int) -> socket.socket:
    """A connection to the process's diagnostics socket, which lies in its temporary folder."""
    folder = os.environ.get("TMPDIR", tempfile.gettempdir())
    paths = sorted(glob.glob(os.path.join(folder, f"dotnet-diagnostic-{pid}-*-socket")), key=os.path.getmtime)
    if not paths:
        raise OSError(f"process {pid} has no diagnostics socket in {folder}")
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(SECONDS_MAX)
    connection.connect(paths[-1])
    return connection


def collect(pid: int) -> None:
    """Returns when the collection is over: its session has ended."""
    provider = struct.pack("<QI", GC_HEAP_COLLECT_KEYWORD, LEVEL_INFORMATIONAL)
    provider += encode_string("Microsoft-Windows-DotNETRuntime") + encode_string("")
    with connect(pid) as events, connect(pid) as control:
        session = request(events, COLLECT_TRACING, struct.pack("<III", BUFFER_MEGABYTES, NETTRACE_FORMAT, 1) + provider)
        # The stream must be read while the session is stopped: the process writes the rest of it first.
        reader = threading.Thread(target=drain, args=(events,), daemon=True)
        reader.start()
        request(control, STOP_TRACING, session[:8])
        reader.join(SECONDS_MAX)


def drain(connection: socket.socket) -> None:
    """Reads to the end."""
    try:
        while connection.recv(65536):
            pass
    except OSError:
        pass  # the process is gone, or too slow: the caller sees the memory itself


def main() -> None:
    """Reads the command line and asks."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pid", type=int)
    try:
        collect(parser.parse_args().pid)
    except OSError as e:
        sys.exit(f"no collection: {e}")


if __name__ == "__main__":
    main()
