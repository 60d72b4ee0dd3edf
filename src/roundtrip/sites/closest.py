"""Which entry of a list came nearest to a refused address, and where the two part ways (RED-19). Decides nothing."""

from __future__ import annotations

from collections.abc import Iterable
from os.path import commonprefix

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
        host, path, same_host = entry.url.host, entry.url.path, _host_fits(url, entry)
    else:
        host, path, same_host = entry.host, "", _domain_host_fits(url, entry)
    shared_tail = len(commonprefix([url.host[::-1], host[::-1]]))
    shared_head = len(commonprefix([url.host, host]))
    return int(same_host), 0 if same_host else max(shared_tail, shared_head), _RANK[difference.part], len(commonprefix([url.path, path]))


def _uri_difference(url: Url, entry: UriEntry) -> Difference:
    listed = entry.url
    if url.scheme != listed.scheme:
        return Difference(Part.SCHEME, Reason.SCHEME_DIFFERS, url.scheme, listed.scheme)
    if not _host_fits(url, entry):
        return Difference(Part.HOST, Reason.HOST_DIFFERS, url.host, listed.host)
    if url.port != listed.port:
        return Difference(Part.PORT, Reason.PORT_DIFFERS, _port(url.port), _port(listed.port))
    if url.path != listed.path:
        return _path_difference(url.path, listed.path)
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
    if not _domain_host_fits(url, entry):
        return Difference(Part.HOST, Reason.HOST_DIFFERS, url.host, entry.shown_host)
    return Difference(Part.PORT, Reason.PORT_DIFFERS, _port(url.port), _port(entry.port))


def _host_fits(url: Url, entry: UriEntry) -> bool:
    return url.host == entry.url.host if entry.host_pattern is None else entry.host_pattern.fullmatch(url.host) is not None


def _domain_host_fits(url: Url, entry: DomainEntry) -> bool:
    return url.host == entry.host if not entry.is_wildcard else url.host.partition(".")[2] == entry.host


def _port(port: int | None) -> str:
    return "none" if port is None else str(port)


def _query(query: str | None) -> str:
    return "none" if query is None else f"?{query}"
