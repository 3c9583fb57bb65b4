"""As much of an SMTP client as the load needs: asyncio, one connection, one message at a time."""

import asyncio

REPLY_SECONDS = 60.0


class Refused(Exception):
    """The server answered, and not with what was hoped for."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"{code} {text}")
        self.code = code


class Connection:
    """A greeted connection. Every method raises Refused, or OSError, EOFError or ValueError; after any of them it is to be aborted."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, host: str, port: int, source: str | None = None) -> "Connection":
        """Connects, from an address of ours when one is named, is greeted, says EHLO."""
        reader, writer = await asyncio.open_connection(host, port, local_addr=(source, 0) if source else None)
        connection = cls(reader, writer)
        try:
            await connection._replies(220)
            await connection._command(b"EHLO load.bench.relay.example\r\n", 250)
        except BaseException:
            connection.abort()
            raise
        return connection

    async def send(self, sender: str, recipient: str, content: bytes, chunked: bool) -> None:
        """Hands over one message, by DATA or by one BDAT. Content: CRLF lines, none of which begins with a dot.

        When this returns, the server has said 250 to the whole message.
        """
        # Pipelined, as RFC 2920 allows: three commands, three replies. BDAT may follow at once too, DATA's content only after its 354.
        envelope = f"MAIL FROM:<{sender}>\r\nRCPT TO:<{recipient}>\r\n".encode("ascii")
        if chunked:
            self._writer.write(envelope + f"BDAT {len(content)} LAST\r\n".encode("ascii"))
            self._writer.write(content)
            await self._replies(250, 250, 250)
        else:
            self._writer.write(envelope + b"DATA\r\n")
            await self._replies(250, 250, 354)
            self._writer.write(content + b".\r\n")
            await self._replies(250)

    async def quit(self) -> None:
        """Says goodbye and closes."""
        try:
            await self._command(b"QUIT\r\n", 221)
        finally:
            self.abort()

    def abort(self) -> None:
        """Closes at once."""
        self._writer.transport.abort()

    async def _command(self, line: bytes, wanted: int) -> None:
        self._writer.write(line)
        await self._replies(wanted)

    async def _replies(self, *wanted: int) -> None:
        """Reads one reply for each. After a refusal the rest stays unread: the connection is to be dropped."""
        async with asyncio.timeout(REPLY_SECONDS):
            for code in wanted:
                await self._reply(code)

    async def _reply(self, wanted: int) -> None:
        while True:
            line = await self._reader.readuntil(b"\n")
            if line[3:4] != b"-":
                break
        code = int(line[:3])
        if code != wanted:
            raise Refused(code, line[4:].decode("ascii", "replace").strip())
