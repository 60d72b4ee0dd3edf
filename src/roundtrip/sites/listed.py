"""How an entry of an allow-list is read, and where entries are looked up. Whether a match counts is decided in `allow_list.py`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from publicsuffixlist import PublicSuffixList

from roundtrip.core.clock import DAY
from roundtrip.core.urls import DEFAULT_PORTS, Url, UrlRefused, parse

LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]"})
"""The three names of "this machine" that rules about ports know (RED-14)."""

_UNTIL = re.compile(r"(\S+) until (\d{4}-\d{2}-\d{2})")
_OTHER_LOOPBACK = re.compile(r"(127|0)(\.\d+){3}|\[::(ffff:7f[0-9a-f]{2}:[0-9a-f]+)?\]")
_LABEL = "[a-z0-9-]+"
_CACHED_LISTS = 512


class EntryRefused(ValueError):
    """A text that can't be an entry; the argument is a sentence for its author."""


@dataclass(frozen=True, slots=True)
class UriEntry:
    """One full address. With `host_pattern` its left-most label holds a `*`; `ends_at` is the first millisecond it no longer counts."""

    text: str
    url: Url
    host_pattern: re.Pattern[str] | None = None
    ends_at: int | None = None

    def fits_host(self, host: str) -> bool:
        """True for the host itself, or for one that its pattern matches."""
        return host == self.url.host if self.host_pattern is None else self.host_pattern.fullmatch(host) is not None

    def has_ended(self, now: int | None) -> bool:
        """True after the end date; without a time, true as soon as there is one."""
        return self.ends_at is not None and (now is None or now >= self.ends_at)


@dataclass(frozen=True, slots=True)
class DomainEntry:
    """One host with its schemes and port. `port` None means any (loopback only); `host` is what follows `*.` when `is_wildcard`."""

    text: str
    schemes: tuple[str, ...]
    host: str
    port: int | None
    is_wildcard: bool

    @property
    def shown_host(self) -> str:
        """The host as its owner wrote it."""
        return f"*.{self.host}" if self.is_wildcard else self.host

    def fits_host(self, host: str) -> bool:
        """True for the host itself, or for one level below it when it is a wildcard (RED-03)."""
        if not self.is_wildcard:
            return host == self.host
        label, _, parent = host.partition(".")
        return parent == self.host and re.fullmatch(_LABEL, label) is not None


@dataclass(frozen=True, slots=True)
class UriList:
    """Entries of one exact list, ready to be asked."""

    entries: tuple[UriEntry, ...]
    exact: Mapping[str, UriEntry]
    patterns: tuple[UriEntry, ...]
    loopback: Mapping[tuple[str, str, str | None], UriEntry]
    origins: Mapping[str, UriEntry]
    has_unreadable: bool


@dataclass(frozen=True, slots=True)
class DomainList:
    """Entries of one domain list, ready to be asked."""

    entries: tuple[DomainEntry, ...]
    exact: Mapping[str, DomainEntry]
    wildcards: Mapping[tuple[str, str, int], DomainEntry]
    any_port: Mapping[str, DomainEntry]
    has_unreadable: bool


def is_loopback(host: str) -> bool:
    """True for every host that leads back to the machine itself, also those that no rule about ports knows."""
    return host in LOOPBACK_HOSTS or host.endswith(".localhost") or _OTHER_LOOPBACK.fullmatch(host) is not None


def read_uri_entry(text: str) -> UriEntry:
    """Read `https://shop.example/cb`, `https://*-preview.shop.example/cb` or the latter with ` until 2027-01-31` (RED-17).

    Raises `UrlRefused` when it isn't an address and `EntryRefused` when it is one that can't be listed.
    """
    address, ends_at = _until(text)
    url = parse(address)
    if url.fragment is not None:
        raise EntryRefused("has a fragment (#…), which a listed address can't have")
    if "*" not in address:
        if ends_at is not None:
            raise EntryRefused("has an end date, which only a pattern with a * can have")
        return UriEntry(url.href, url)
    label, _, parent = url.host.partition(".")
    if "*" in parent or address.count("*") != 1 or "*" not in label:
        raise EntryRefused("has a * in a place where none is understood; one * inside the left-most part of the host is")
    if url.scheme != "https":
        raise EntryRefused("has a *, which only https addresses can have")
    _refuse_shared_parent(parent)
    before, _, after = url.host.partition("*")
    until = text.removeprefix(address)
    return UriEntry(url.href + until, url, re.compile(re.escape(before) + _LABEL + re.escape(after)), ends_at)


def read_domain_entry(text: str) -> DomainEntry:
    """Read `shop.example`, `shop.example:8443`, `http://localhost:3000`, `*.shop.example` or bare `localhost`.

    Raises `UrlRefused` when it isn't a host and `EntryRefused` when it is one that can't be listed.
    """
    has_scheme = "://" in text
    url = parse(text if has_scheme else f"https://{text}")
    if url.is_app_scheme:
        raise EntryRefused("has the scheme of an app; list the full address among the redirect URIs instead")
    if url.path != "/" or url.query is not None or url.fragment is not None:
        raise EntryRefused(f"has more than scheme, host and port; every path is allowed, so list {url.host}")
    assert url.port is not None
    is_wildcard = url.host.startswith("*.")
    host = url.host[2:] if is_wildcard else url.host
    if "*" in host:
        raise EntryRefused("has a * in a place where none is understood; *. at the start is")
    if is_wildcard:
        _refuse_shared_parent(host)
    normal = url.origin if has_scheme else url.origin.removeprefix("https://")
    if has_scheme or host not in LOOPBACK_HOSTS:
        return DomainEntry(normal, (url.scheme,), host, url.port, is_wildcard)
    named_port = re.search(r":(\d+)/?$", text)
    port = int(named_port[1]) if named_port else None
    return DomainEntry(f"{host}:{port}" if port else host, ("https", "http"), host, port, False)


@lru_cache(maxsize=_CACHED_LISTS)
def uri_list(entries: tuple[str, ...]) -> UriList:
    """Compile one exact list. An entry that can't be read allows nothing."""
    read = tuple(entry for text in entries if (entry := _read_or_none(text)) is not None)
    plain = [entry for entry in read if entry.host_pattern is None]
    return UriList(
        entries=read,
        exact={entry.url.href: entry for entry in plain},
        patterns=tuple(entry for entry in read if entry.host_pattern is not None),
        loopback={
            (entry.url.host, entry.url.path, entry.url.query): entry
            for entry in plain
            if entry.url.scheme == "http" and entry.url.host in LOOPBACK_HOSTS
        },
        origins={entry.url.origin: entry for entry in plain if not entry.url.is_app_scheme},
        has_unreadable=len(read) < len(entries),
    )


@lru_cache(maxsize=_CACHED_LISTS)
def domain_list(entries: tuple[str, ...]) -> DomainList:
    """Compile one domain list. An entry that can't be read allows nothing."""
    read: list[DomainEntry] = []
    for text in entries:
        try:
            read.append(read_domain_entry(text))
        except (UrlRefused, EntryRefused):
            continue
    exact: dict[str, DomainEntry] = {}
    wildcards: dict[tuple[str, str, int], DomainEntry] = {}
    for entry in read:
        for scheme in entry.schemes:
            if entry.port is None:
                continue
            if entry.is_wildcard:
                wildcards[scheme, entry.host, entry.port] = entry
            else:
                suffix = "" if entry.port == DEFAULT_PORTS[scheme] else f":{entry.port}"
                exact[f"{scheme}://{entry.host}{suffix}"] = entry
    any_port = {entry.host: entry for entry in read if entry.port is None}
    return DomainList(tuple(read), exact, wildcards, any_port, has_unreadable=len(read) < len(entries))


def _read_or_none(text: str) -> UriEntry | None:
    try:
        return read_uri_entry(text)
    except (UrlRefused, EntryRefused):
        return None


def _until(text: str) -> tuple[str, int | None]:
    hit = _UNTIL.fullmatch(text)
    if hit is None:
        return text, None
    try:
        day = datetime.strptime(hit[2], "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise EntryRefused(f"ends on {hit[2]}, which is no day") from None
    return hit[1], int(day.timestamp()) * 1000 + DAY


def _refuse_shared_parent(parent: str) -> None:
    """A `*` directly above a public suffix would let in whoever registers a name there (RED-17)."""
    if not parent or _suffixes().publicsuffix(parent) == parent:
        raise EntryRefused(f"has a * directly above {parent or 'nothing'}, where anybody can have a name")


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    """Read on first use: most sites have no pattern, and the list costs time and memory."""
    return PublicSuffixList()
