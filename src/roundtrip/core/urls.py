"""The one reader of addresses: what is not refused here is read exactly as a browser reads it (WHATWG URL, through `ada_url`).

Rule check, storage and output all use the value made here (RED-04, RED-05). Whether an address is *allowed* is decided in
`sites/allow_list.py`. This file is stricter than the standard on purpose: where a browser would quietly repair an address and people
would see another host than the browser does, the address is refused and the reason given.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from urllib.parse import quote, unquote_plus

from ada_url import URL, idna_to_unicode

MAX_LENGTH = 2048
"""Characters, as received and as printed (contract: every address is at most this long)."""

DEFAULT_PORTS: Mapping[str, int] = {"http": 80, "https": 443}

# fmt: off
REFUSED_SCHEMES = frozenset({
    "about", "blob", "chrome", "chrome-extension", "content", "data", "feed", "file", "filesystem", "ftp", "intent", "jar",
    "javascript", "livescript", "mailto", "mocha", "ms-appx", "resource", "sms", "tel", "vbscript", "view-source", "ws", "wss",
})
# fmt: on
"""Schemes that run, open or read something in the browser itself. Every other foreign scheme counts as an app's and must be listed."""

_CACHED_LENGTH = 512
_CACHED_COUNT = 1024  # with the length above: under 4 MiB, whatever strangers send

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_CONTROL = re.compile("[\\x00-\\x1f\\x7f-\\x9f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff\ud800-\udfff]")
_FORBIDDEN = re.compile(rf"{_CONTROL.pattern}|\s|\\")
_PORT = re.compile(r":[1-9][0-9]{0,4}")
_IPV4 = re.compile(r"[0-9]{1,3}(\.[0-9]{1,3}){3}")


class Flaw(StrEnum):
    """Why an address is refused before any list is asked. Stable codes, explained in `docs/reference/allow-list-rules.md`."""

    EMPTY = "EMPTY"
    TOO_LONG = "TOO_LONG"
    CONTROL_CHARACTER = "CONTROL_CHARACTER"
    WHITESPACE = "WHITESPACE"
    BACKSLASH = "BACKSLASH"
    RELATIVE = "RELATIVE"
    SCHEME_NOT_ALLOWED = "SCHEME_NOT_ALLOWED"
    MISSING_SLASHES = "MISSING_SLASHES"
    EMPTY_HOST = "EMPTY_HOST"
    USERINFO = "USERINFO"
    ENCODED_HOST = "ENCODED_HOST"
    TRAILING_DOT = "TRAILING_DOT"
    NUMERIC_HOST = "NUMERIC_HOST"
    HOST_SPELLING = "HOST_SPELLING"
    PORT_SPELLING = "PORT_SPELLING"
    NOT_A_URL = "NOT_A_URL"


class UrlRefused(ValueError):
    """An address that is never used. `sentence` says why; `at` is the guilty stretch of the received text (start, end)."""

    def __init__(self, reason_code: Flaw, sentence: str, at: tuple[int, int] | None = None) -> None:
        super().__init__(sentence)
        self.reason_code = reason_code
        self.sentence = sentence
        self.at = at


@dataclass(frozen=True, slots=True)
class Url:
    """A parsed address; `href` is what is stored, compared and sent.

    `host` is the A-label (or `[::1]`); `port` is the effective one (443 for https without a port), None only for an app scheme that
    names none. `query` and `fragment` come without their mark; None means there is no mark at all. `origin` is `null` for app schemes.
    """

    href: str
    scheme: str
    host: str
    port: int | None
    path: str
    query: str | None
    fragment: str | None
    origin: str
    is_app_scheme: bool


def parse(text: str) -> Url:
    """Read an absolute address. Raises `UrlRefused` for everything that RED-06 names; never repairs."""
    if len(text) > MAX_LENGTH:
        raise UrlRefused(Flaw.TOO_LONG, f"It has {len(text)} characters; at most {MAX_LENGTH} are allowed.", (MAX_LENGTH, len(text)))
    return _parse_cached(text) if len(text) <= _CACHED_LENGTH else _parse(text)


def unicode_host(host: str) -> str:
    """The host as people read it: `xn--bcher-kva.example` -> `bücher.example`. Only for display beside the A-label."""
    return idna_to_unicode(host) if "xn--" in host else host


def visible(text: str) -> str:
    """The text with everything that cannot be seen, or that changes how the rest is shown, written as %XX."""
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else quote(letter, safe="", errors="replace") for letter in text)


def add_params(href: str, params: Mapping[str, str], *, in_fragment: bool = False) -> str:
    """`href` with these parameters at the end of its query, or of its fragment (RED-11).

    What is there stays as it is, byte for byte, except pairs of the same name: ours win. `href` must come from `parse`.
    """
    if not params:
        return href
    before_fragment, hash_mark, fragment = href.partition("#")
    if in_fragment:
        return f"{before_fragment}#{_joined(fragment, params)}"
    address, _, query = before_fragment.partition("?")
    return f"{address}?{_joined(query, params)}{hash_mark}{fragment}"


def _joined(present: str, params: Mapping[str, str]) -> str:
    pairs = present.split("&")
    kept = [pair for pair in pairs if _name(pair) not in params]
    if len(kept) < len(pairs):
        present = "&".join(kept)
    added = "&".join(
        f"{quote(name, safe='', errors='replace')}={quote(value, safe='', errors='replace')}" for name, value in params.items()
    )
    return f"{present}{'' if not present or present.endswith('&') else '&'}{added}"


def _name(pair: str) -> str | None:
    return unquote_plus(pair.partition("=")[0]) if pair else None


@lru_cache(maxsize=_CACHED_COUNT)
def _parse_cached(text: str) -> Url:
    return _parse(text)


def _parse(text: str) -> Url:
    _refuse_characters(text)
    scheme = _scheme(text)
    is_web = scheme in DEFAULT_PORTS
    start = len(scheme) + 1
    authority = _authority(text, start, is_web=is_web)
    try:
        parsed = URL(text)
    except ValueError:
        raise UrlRefused(Flaw.NOT_A_URL, "A browser can't read it as an address.") from None
    href, host, port = parsed.href, parsed.hostname, parsed.port
    if len(href) > MAX_LENGTH:
        raise UrlRefused(Flaw.TOO_LONG, f"Once encoded it has {len(href)} characters; at most {MAX_LENGTH} are allowed.")
    if is_web:
        _refuse_respelled(authority, start + 2, host)
    return _url(href, scheme, host, port)


def _url(href: str, scheme: str, host: str, port: str) -> Url:
    rest, hash_mark, fragment = href.partition("#")
    rest, query_mark, query = rest.partition("?")
    is_web = scheme in DEFAULT_PORTS
    suffix = f":{port}" if port else ""
    origin = f"{scheme}://{host}{suffix}"
    after_scheme = rest[len(scheme) + 1 :]
    path = after_scheme[len(host) + len(suffix) + 2 :] if after_scheme.startswith("//") else after_scheme
    return Url(
        href=href,
        scheme=scheme,
        host=host,
        port=int(port) if port else DEFAULT_PORTS.get(scheme),
        path=path,
        query=query if query_mark else None,
        fragment=fragment if hash_mark else None,
        origin=origin if is_web else "null",
        is_app_scheme=not is_web,
    )


def _refuse_characters(text: str) -> None:
    if not text:
        raise UrlRefused(Flaw.EMPTY, "It is empty.")
    hit = _FORBIDDEN.search(text)
    if hit is None:
        return
    at = hit.span()
    if hit[0] == "\\":
        raise UrlRefused(Flaw.BACKSLASH, "It contains a backslash, which browsers read as a slash.", at)
    if _CONTROL.match(hit[0]):
        raise UrlRefused(Flaw.CONTROL_CHARACTER, f"It contains an invisible character (U+{ord(hit[0]):04X}).", at)
    raise UrlRefused(Flaw.WHITESPACE, "It contains white space (a space is written %20).", at)


def _scheme(text: str) -> str:
    hit = _SCHEME.match(text)
    if hit is None:
        raise UrlRefused(Flaw.RELATIVE, "It isn't absolute: it doesn't start with https:// or another scheme.")
    scheme = hit[1].lower()
    if scheme in REFUSED_SCHEMES:
        raise UrlRefused(Flaw.SCHEME_NOT_ALLOWED, f"Addresses of the scheme {scheme}: are never allowed.", hit.span(1))
    return scheme


def _authority(text: str, start: int, *, is_web: bool) -> str:
    """The raw stretch between `//` and the path. Refuses what no list could make safe."""
    if not text.startswith("//", start):
        if is_web or not text.startswith("/", start):
            raise UrlRefused(Flaw.MISSING_SLASHES, f"After {text[:start]} two slashes are missing.", (0, start))
        return ""
    authority = re.split(r"[/?#]", text[start + 2 :], maxsplit=1)[0]
    begin = start + 2
    if "@" in authority:
        end = begin + authority.rindex("@") + 1
        raise UrlRefused(Flaw.USERINFO, "It has a user name before the host (the host is only what follows the @).", (begin, end))
    if "%" in authority:
        at = begin + authority.index("%")
        raise UrlRefused(Flaw.ENCODED_HOST, "Its host contains percent-encoded characters.", (at, min(at + 3, begin + len(authority))))
    if not is_web and not authority.isascii():  # it would be percent-encoded, and so be refused when it is read again
        raise UrlRefused(Flaw.HOST_SPELLING, "Its host has letters that the address of an app can't have.", (begin, begin + len(authority)))
    if is_web and (not authority or authority.startswith(":")):
        raise UrlRefused(Flaw.EMPTY_HOST, "It has no host.", (start, begin))
    return authority


def _refuse_respelled(authority: str, begin: int, host: str) -> None:
    """Refuse a host or port that the parser had to change by more than letter case, IDN encoding or a default port."""
    end = authority.find("]") + 1 if authority.startswith("[") else authority.find(":")
    raw_host, raw_port = (authority, "") if end < 1 else (authority[:end], authority[end:])
    at = (begin, begin + len(raw_host))
    if raw_port and not _PORT.fullmatch(raw_port):
        raise UrlRefused(Flaw.PORT_SPELLING, "Its port isn't written as a plain number.", (at[1], at[1] + len(raw_port)))
    if host.endswith("."):
        raise UrlRefused(Flaw.TRAILING_DOT, "Its host ends with a dot.", (at[1] - 1, at[1]))
    if host.startswith(".") or ".." in host:
        raise UrlRefused(Flaw.EMPTY_HOST, "Its host has two dots in a row, or starts with one.", at)
    if raw_host.isascii() and raw_host.lower() == host:
        return
    if _IPV4.fullmatch(host):
        raise UrlRefused(Flaw.NUMERIC_HOST, f"Its host is another spelling of {host}.", at)
    labels = zip(raw_host.split("."), host.split("."), strict=False)
    is_folded = any(not label.isascii() and not read.startswith("xn--") for label, read in labels)  # full-width letters, for one
    if raw_host.isascii() or is_folded or unicode_host(host) != unicodedata.normalize("NFC", raw_host).lower():
        raise UrlRefused(Flaw.HOST_SPELLING, f"Its host is written in a way that browsers read as {host}.", at)
