"""Which entry of a list came nearest to a refused address, and where the two part ways (RED-19). Decides nothing."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import takewhile

from roundtrip.core.urls import Url
from roundtrip.sites.listed import DomainEntry, UriEntry
from roundtrip.sites.verdict import Difference, Part, Reason

_RANK = {Part.SCHEME: 0, Part.HOST: 1, Part.PORT: 2, Part.PATH: 3, Part.CASE: 4, Part.SLASH: 4, Part.QUERY: 5}


def closest(url: Url, entries: Iterable[UriEntry | DomainEntry]) -> tuple[str, Difference] | None:
    """The text of the nearest entry and the first difference from it; None when there is no entry."""
    best: tuple[tuple[int, ...], str, Difference] | None = None
    for entry in entries:
        difference = _uri_difference(url, entry) if isinstance(entry, UriEntry) else _domain_difference(url, entry)
        score = _score(url, entry, difference)
        if best is None or score > best[0]:
            best = score, entry.text, difference
    return best[1:] if best else None


def _score(url: Url, entry: UriEntry | DomainEntry, difference: Difference) -> tuple[int, ...]:
    """The host weighs most: who compares `http://shop.example` means the entry of that host, not another http one."""
    if isinstance(entry, UriEntry):
        host, path = entry.url.host, entry.url.path
    else:
        host, path = entry.host, ""
    same_host = entry.fits_host(url.host)
    shared_tail = _shared(url.host[::-1], host[::-1])
    shared_head = _shared(url.host, host)
    return int(same_host), 0 if same_host else max(shared_tail, shared_head), _RANK[difference.part], _shared(url.path, path)


def _uri_difference(url: Url, entry: UriEntry) -> Difference:
    listed = entry.url
    if url.scheme != listed.scheme:
        return Difference(Part.SCHEME, Reason.SCHEME_DIFFERS, url.scheme, listed.scheme)
    if not entry.fits_host(url.host):
        return Difference(Part.HOST, Reason.HOST_DIFFERS, url.host, listed.host)
    if url.port != listed.port:
        return Difference(Part.PORT, Reason.PORT_DIFFERS, _port(url.port), _port(listed.port))
    if url.path != listed.path:
        return _path_difference(url.path, listed.path)
    if url.query == listed.query:  # `com.example.app:/cb` and `com.example.app:///cb` have the same parts
        return Difference(Part.PATH, Reason.PATH_DIFFERS, url.href, listed.href)
    return Difference(Part.QUERY, Reason.QUERY_DIFFERS, _query(url.query), _query(listed.query))


def _path_difference(received: str, expected: str) -> Difference:
    if received.lower() == expected.lower():
        return Difference(Part.CASE, Reason.CASE_DIFFERS, received, expected)
    if received.rstrip("/") == expected.rstrip("/"):
        return Difference(Part.SLASH, Reason.SLASH_DIFFERS, received, expected)
    return Difference(Part.PATH, Reason.PATH_DIFFERS, received, expected)


def _domain_difference(url: Url, entry: DomainEntry) -> Difference:
    if url.scheme not in entry.schemes:
        return Difference(Part.SCHEME, Reason.SCHEME_DIFFERS, url.scheme, entry.schemes[0])
    if not entry.fits_host(url.host):
        return Difference(Part.HOST, Reason.HOST_DIFFERS, url.host, entry.shown_host)
    return Difference(Part.PORT, Reason.PORT_DIFFERS, _port(url.port), _port(entry.port))


def _port(port: int | None) -> str:
    return "none" if port is None else str(port)


def _query(query: str | None) -> str:
    return "none" if query is None else f"?{query}"


def _shared(one: str, other: str) -> int:
    """How many characters the two have in common from the start."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
