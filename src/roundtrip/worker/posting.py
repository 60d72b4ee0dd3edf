"""Sends one POST after another to one address, without becoming an owner's way into the operator's network (WHK-07).

The host is looked up for each connection, each of its addresses must be allowed, and the connection goes to the address that was looked
at: a name that answers differently the second time leads nowhere. Nothing is followed. Of an answer only its head is used.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from socket import SOCK_STREAM, gaierror
from typing import cast

from httptools import HttpParserError, HttpResponseParser

from roundtrip.core.public_address import is_at_home, is_public
from roundtrip.core.urls import Url

MOST_ADDRESSES = 3
LONGEST_ANSWER = 64 * 1024
"""Bytes of an answer that are read before the connection is dropped; its status counts all the same."""
LONGEST_USE = 60.0
"""Seconds after which a connection is not used again: where the name leads to is looked at again."""

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Host and port to IP addresses, best first."""


class NotSent(Exception):
    """There is no answer; the text says why, for owners. `address` is what was connected to, if anything was."""

    def __init__(self, why: str, address: str | None = None) -> None:
        super().__init__(why)
        self.address = address


@dataclass(frozen=True, slots=True)
class Answer:
    """The head of an answer: its status, `Retry-After` if it has one, and the address that it came from."""

    status: int
    retry_after: str | None
    address: str


@dataclass(frozen=True, slots=True)
class Fence:
    """Where posts may go. `is_open`: private networks too, but never link-local addresses (test sites); `inside`: hosts that may be
    private anyway, as `host` or `host:port`."""

    is_open: bool = False
    inside: frozenset[str] = frozenset()

    def forbidden(self, url: Url, addresses: Sequence[str]) -> str | None:
        """The first address that must not be connected to; None: all may."""
        if url.host in self.inside or f"{url.host}:{url.port}" in self.inside:
            return None
        return next((one for one in addresses if not (is_public(one) or (self.is_open and is_at_home(one)))), None)


async def resolve(host: str, port: int) -> Sequence[str]:
    """Ask the system."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


class _Connection(asyncio.Protocol):
    """One connection: a request at a time. Knows no more of HTTP than the head of an answer."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.until = time.monotonic() + LONGEST_USE
        self.is_reusable = False
        self._transport: asyncio.Transport | None = None
        self._answered: asyncio.Future[Answer] | None = None
        self._begin()

    def _begin(self) -> None:
        self._parser = HttpResponseParser(self)
        self._retry_after: str | None = None
        self._status = 0
        self._bytes = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's are no subclasses

    async def post(self, request: bytes) -> Answer:
        """Send, and wait for the answer."""
        assert self._transport is not None
        self._begin()
        self._answered = asyncio.get_running_loop().create_future()
        self.is_reusable = False
        self._transport.write(request)
        return await self._answered

    def data_received(self, data: bytes) -> None:
        self._bytes += len(data)
        try:
            self._parser.feed_data(data)
        except HttpParserError:
            self._fail("what it answered is not HTTP")
            return
        if self._bytes > LONGEST_ANSWER:
            self._done(keep=False)

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() == b"retry-after":
            self._retry_after = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        self._status = self._parser.get_status_code()

    def on_message_complete(self) -> None:
        if self._status >= 200:  # what comes before the answer proper (1xx) says nothing
            self._done(keep=self._parser.should_keep_alive())

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_reusable = False
        if self._status >= 200:
            self._done(keep=False)  # an answer whose end is the end of the connection
        else:
            self._fail("it closed the connection without an answer")

    def _done(self, *, keep: bool) -> None:
        if self._answered is not None and not self._answered.done():
            self._answered.set_result(Answer(self._status, self._retry_after, self.address))
        self.is_reusable = keep and time.monotonic() < self.until
        if not keep:
            self.close()

    def _fail(self, why: str) -> None:
        if self._answered is not None and not self._answered.done():
            self._answered.set_exception(NotSent(why, self.address))
        self.close()

    def close(self) -> None:
        """Drop the connection."""
        self.is_reusable = False
        if self._transport is not None:
            self._transport.abort()


@dataclass(slots=True)
class Line:
    """Connections to one address, used again while they live. Close it when done."""

    url: Url
    fence: Fence
    timeout: float
    resolve: Resolve = resolve
    tls: ssl.SSLContext | None = None
    _idle: list[_Connection] = field(default_factory=list)

    async def post(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send one message. Raises `NotSent`."""
        request = self._request(body, headers)
        connection: _Connection | None = None
        try:
            async with asyncio.timeout(self.timeout):
                connection = await self._free()
                return await connection.post(request)
        except TimeoutError:
            address = connection.address if connection else None
            raise NotSent(f"it did not answer within {self.timeout:g} s", address) from None
        finally:
            if connection is not None and connection.is_reusable:
                self._idle.append(connection)
            elif connection is not None:
                connection.close()

    def close(self) -> None:
        """Drop the connections that nobody uses; the others are dropped by who does."""
        while self._idle:
            self._idle.pop().close()

    async def _free(self) -> _Connection:
        while self._idle:
            connection = self._idle.pop()
            if connection.is_reusable:  # the receiver may have closed it meanwhile
                return connection
        return await self._connected()

    async def _connected(self) -> _Connection:
        url = self.url
        assert url.port is not None  # http and https have one
        try:
            addresses = await self.resolve(url.host.strip("[]"), url.port)
        except (gaierror, UnicodeError) as error:
            raise NotSent(f"its name {url.host} leads nowhere") from error
        forbidden = self.fence.forbidden(url, addresses)
        if forbidden is not None or not addresses:
            raise NotSent(f"its name leads to {forbidden}, which is not a public address", forbidden)
        why = ""
        for address in addresses[:MOST_ADDRESSES]:
            try:
                return await self._to(address, url.port)
            except ssl.SSLCertVerificationError as error:
                why = f"its certificate is not valid: {error.verify_message}"
            except ssl.SSLError as error:
                why = f"it does not speak TLS as expected: {error.reason or 'no reason given'}"
            except OSError as error:
                why = f"no connection: {error.strerror or type(error).__name__}"
        raise NotSent(why, addresses[0])

    async def _to(self, address: str, port: int) -> _Connection:
        is_secure = self.url.scheme == "https"
        _, connection = await asyncio.get_running_loop().create_connection(
            lambda: _Connection(address),
            address,
            port,
            ssl=(self.tls or _context()) if is_secure else None,
            server_hostname=self.url.host.strip("[]") if is_secure else None,
        )
        return connection

    def _request(self, body: bytes, headers: Mapping[str, str]) -> bytes:
        url = self.url
        target = (url.path or "/") + ("" if url.query is None else f"?{url.query}")
        host = url.origin.partition("//")[2]
        fields = {"Host": host, "User-Agent": "Roundtrip-Webhooks", "Accept": "*/*", "Content-Length": str(len(body)), **headers}
        head = f"POST {target} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in fields.items()) + "\r\n"
        return head.encode("latin-1") + body


_CONTEXTS: list[ssl.SSLContext] = []


def _context() -> ssl.SSLContext:
    """Made when it is first needed: reading the system's certificates takes a while."""
    if not _CONTEXTS:
        _CONTEXTS.append(ssl.create_default_context())
    return _CONTEXTS[0]
