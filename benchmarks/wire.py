"""HTTP/1.1 as the load generator speaks it: prepared bytes out, one answer back, the connection kept.

Only what our own servers send is understood (`Content-Length`, no chunks), because every microsecond spent here is one that the
generator cannot spend on load. Cookies and forms are in `browser`.
"""

from __future__ import annotations

import asyncio
import re
from typing import NamedTuple, cast
from urllib.parse import urlsplit

_LENGTH = re.compile(rb"\r\ncontent-length:\s*(\d+)", re.IGNORECASE)


class WrongAnswerError(Exception):
    """The server answered something that the journey does not expect. Ends the run: figures of failing requests mean nothing."""


class Answer(NamedTuple):
    """Status line and headers stay bytes until somebody asks."""

    status: int
    head: bytes
    body: bytes

    def headers(self, name: str) -> list[str]:
        """Every value of one header, in order."""
        found = re.findall(rb"\r\n" + name.encode() + rb":\s*([^\r]*)", self.head, re.IGNORECASE)
        return [value.decode("latin-1") for value in found]

    def expect(self, *statuses: int) -> Answer:
        """Itself, or `WrongAnswerError` with the beginning of what came instead."""
        if self.status not in statuses:
            raise WrongAnswerError(f"expected {statuses}, got {self.head.decode('latin-1')}\n\n{self.body[:2000].decode(errors='replace')}")
        return self


class Connection(asyncio.Protocol):
    """One kept connection; one request at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._received = b""
        self._waiting: asyncio.Future[Answer] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports have the methods of asyncio's, not the class.
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        received = self._received = self._received + data if self._received else data
        end = received.find(b"\r\n\r\n")
        if end < 0:
            return
        head = received[:end]
        status = int(head[9:12])
        length = _LENGTH.search(head)
        if length is None and status not in (204, 304):
            self._fail(WrongAnswerError(f"no Content-Length in {head.decode('latin-1')}"))
            return
        total = end + 4 + (int(length[1]) if length else 0)
        if len(received) < total:
            return
        self._received = received[total:]
        waiting, self._waiting = self._waiting, None
        if waiting is not None and not waiting.done():
            waiting.set_result(Answer(status, head, received[end + 4 : total]))

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(exc or ConnectionResetError("the server closed the connection"))

    def _fail(self, why: Exception) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(why)

    def send(self, request: bytes) -> asyncio.Future[Answer]:
        """Send one request; the future is its answer."""
        if self._transport is None or self._transport.is_closing():
            raise ConnectionResetError("the server closed the connection")
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return self._waiting

    def close(self) -> None:
        """Close at once; nothing is waited for."""
        if self._transport is not None:
            self._transport.abort()


async def connect(base: str) -> Connection:
    """A new connection to the server at `base` (`http://127.0.0.1:4711`)."""
    address = urlsplit(base)
    assert address.hostname is not None
    assert address.port is not None
    _, connection = await asyncio.get_running_loop().create_connection(Connection, address.hostname, address.port)
    return connection


def request(method: str, base: str, target: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    """The bytes of one request. `target` is path and query."""
    lines = [f"{method} {target} HTTP/1.1", f"Host: {urlsplit(base).netloc}", *(f"{name}: {value}" for name, value in headers.items())]
    if body or method == "POST":
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
