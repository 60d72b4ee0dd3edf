"""Fetches a picture from an address that a caller names, without becoming the caller's way into the operator's network (decision 0119).

Every host is resolved once, each of its addresses must be public, and the connection goes to the address that was looked at: a name that
answers differently the second time leads nowhere. Each redirect is a new address and is looked at again. Blocking; runs in a thread.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Set
from dataclasses import dataclass
from urllib.parse import urljoin

from roundtrip.core import urls
from roundtrip.core.errors import AppError, Kind
from roundtrip.core.public_address import is_public
from roundtrip.core.urls import Url, UrlRefused
from roundtrip.media.model import MOST_BYTES
from roundtrip.media.picture_file import too_large

WITHIN_SECONDS = 15.0
"""For everything: name, connections, redirects and the whole body."""
CONNECT_SECONDS = 5.0
MOST_REDIRECTS = 3
MOST_ADDRESSES = 3
_CHUNK = 64 * 1024
_REDIRECTS = (301, 302, 303, 307, 308)


@dataclass(slots=True)
class _Deadline:
    until: float

    def left(self) -> float:
        left = self.until - time.monotonic()
        if left <= 0:
            raise _refused(f"it did not come within {WITHIN_SECONDS:.0f} s")
        return left


def fetch(address: str, *, inside: Set[str] = frozenset()) -> bytes:
    """The bytes behind an http or https address. `inside` names `host` or `host:port` that need not be public.

    Raises INVALID `IMPORT_REFUSED` with the reason, `PICTURE_TOO_LARGE` as soon as too much has come.
    """
    deadline = _Deadline(time.monotonic() + WITHIN_SECONDS)
    for _ in range(MOST_REDIRECTS + 1):
        url = _url(address)
        try:
            content, onward = _get(url, inside, deadline)
        except AppError:
            raise
        except (OSError, http.client.HTTPException, ValueError) as error:
            deadline.left()
            raise _refused(f"{url.host} did not answer as a web server does ({type(error).__name__})") from error
        if onward is None:
            return content
        address = urljoin(url.href, onward)
    raise _refused(f"it leads on more than {MOST_REDIRECTS} times")


def _url(address: str) -> Url:
    try:
        url = urls.parse(address)
    except UrlRefused as error:
        raise _refused(f"{urls.visible(address[:200])!r} cannot be used: {error.sentence}") from error
    if url.scheme not in urls.DEFAULT_PORTS:
        raise _refused(f"its scheme is {url.scheme}; http and https can be fetched")
    return url


def _get(url: Url, inside: Set[str], deadline: _Deadline) -> tuple[bytes, str | None]:
    """The body, or where the answer leads on to."""
    connection = _connection(url, _looked_up(url, inside), deadline)
    try:
        target = url.path + ("" if url.query is None else f"?{url.query}")
        connection.request("GET", target, headers={"Accept": "image/*", "Accept-Encoding": "identity", "User-Agent": "Roundtrip"})
        with connection.getresponse() as answer:
            if answer.status in _REDIRECTS:
                return b"", answer.getheader("location") or ""
            if answer.status != 200:
                raise _refused(f"{url.host} answered {answer.status}")
            return _body(answer, deadline), None
    finally:
        connection.close()
        connection.let_go()


def _body(answer: http.client.HTTPResponse, deadline: _Deadline) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        part = answer.read1(_CHUNK)
        deadline.left()  # being cut off looks like the end
        if not part:
            return b"".join(parts)
        parts.append(part)
        size += len(part)
        if size > MOST_BYTES:
            raise too_large(f"more than {MOST_BYTES} bytes came")


def _looked_up(url: Url, inside: Set[str]) -> list[str]:
    """The addresses to connect to, best first. Refuses a host when any one of its addresses is not public."""
    host = url.host.strip("[]")
    found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, url.port, type=socket.SOCK_STREAM)]
    if url.host not in inside and f"{url.host}:{url.port}" not in inside and not all(is_public(one) for one in found):
        raise _refused(f"{url.host} leads into a network that is not public; the operator can name such hosts in ROUNDTRIP_IMPORT_HOSTS")
    return found[:MOST_ADDRESSES]


class _Plain(http.client.HTTPConnection):
    """Connects to one of the addresses that were looked at, while speaking of the host; cut off when the time is over.

    The time limit of a socket is for each single read, and a server may send one byte at a time for days.
    """

    def __init__(self, host: str, port: int, addresses: list[str], deadline: _Deadline) -> None:
        super().__init__(host, port, timeout=min(deadline.left(), CONNECT_SECONDS))
        self._addresses = addresses
        self._deadline = deadline
        self._guard: tuple[socket.socket, threading.Timer] | None = None

    def connect(self) -> None:
        self.sock = self._first_that_answers()
        # Another handle to the same connection: TLS takes the first one away.
        handle = self.sock.dup()
        timer = threading.Timer(self._deadline.left(), _cut_off, [handle])
        timer.daemon = True
        timer.start()
        self._guard = (handle, timer)

    def let_go(self) -> None:
        """End the guard. Not in `close`, which the library calls as soon as it has seen the head of an answer."""
        if self._guard is not None:
            handle, timer = self._guard
            timer.cancel()
            timer.join()
            handle.close()
            self._guard = None

    def _first_that_answers(self) -> socket.socket:
        for place, address in enumerate(self._addresses):
            try:
                return socket.create_connection((address, self.port), min(self._deadline.left(), CONNECT_SECONDS))
            except OSError:
                if place == len(self._addresses) - 1:
                    raise
        raise OSError("the host has no address")


def _cut_off(handle: socket.socket) -> None:
    with contextlib.suppress(OSError):  # it ended by itself
        handle.shutdown(socket.SHUT_RDWR)


class _Secure(_Plain):
    default_port = 443

    def connect(self) -> None:
        super().connect()
        self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host.strip("[]"))


def _connection(url: Url, addresses: list[str], deadline: _Deadline) -> _Plain:
    kind = _Secure if url.scheme == "https" else _Plain
    assert url.port is not None  # the schemes that come here have one
    return kind(url.host, url.port, addresses, deadline)


def _refused(reason: str) -> AppError:
    return AppError(Kind.INVALID, "IMPORT_REFUSED", f"The picture could not be fetched: {reason}.")
