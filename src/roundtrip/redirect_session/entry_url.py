"""Makes the address that opens a redirect session, in every form that clients of the wire read.

The stored session is the truth. What is in the address besides the id and the one-time value is for people and for clients that look
(`docs/reference/redirect-sessions.md`): editing it changes nothing about where a visitor may end up (AUT-17).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from urllib.parse import quote_plus

import msgspec

MAX_LENGTH = 2048

ENTER_PATH = "/_api/redirects-api/v1/enter/"
AUTHORIZE_PATH = "/_api/oauth2/authorize"
LOGOUT_PATH = "/_api/iam/authentication/v1/logout"

SESSION_ID_PARAM = "redirectSessionId"
ENTRY_PARAM = "entryToken"
IDENTITY_PARAM = "sessionToken"
INNER_PARAM = "redirectUrl"


class EntryUrl(msgspec.Struct, frozen=True):
    """The address in the three forms of the answer: whole, without its query, and the query decoded."""

    full_url: str
    endpoint: str
    search_params: Mapping[str, str]


def direct(base_url: str, path: str, session_id: str, secret: str, params: Mapping[str, str]) -> EntryUrl:
    """For intents whose endpoint is the page itself (authorize, logout)."""
    essential = {SESSION_ID_PARAM: session_id, ENTRY_PARAM: secret}
    endpoint = base_url + path
    chosen = _fit(params, essential, MAX_LENGTH - len(endpoint), _once)
    return EntryUrl(f"{endpoint}?{_query(chosen)}", endpoint, chosen)


def through_entry(base_url: str, inner_path: str, session_id: str, secret: str, params: Mapping[str, str]) -> EntryUrl:
    """For all other intents: the entry endpoint with the page's own address in `redirectUrl`.

    Some clients open the inner address directly, so it carries the same id and one-time value and opens the session just as well.
    """
    essential = {SESSION_ID_PARAM: session_id, IDENTITY_PARAM: secret}
    endpoint = f"{base_url}{ENTER_PATH}{session_id}"
    page = base_url + inner_path
    tail = f"&{IDENTITY_PARAM}={quote_plus(secret)}"
    room = MAX_LENGTH - len(endpoint) - len(INNER_PARAM) - len(tail) - len(quote_plus(page)) - 4
    chosen = _fit(params, essential, room, _twice)
    inner = f"{page}?{_query(chosen)}"
    # Quoting a joined text gives the same as joining quoted ones; pieces that many sessions share are quoted once in their life.
    quoted = f"{_once(page)}%3F" + "%26".join(f"{_once(name)}%3D{_twice(value)}" for name, value in chosen.items())
    return EntryUrl(f"{endpoint}?{INNER_PARAM}={quoted}{tail}", endpoint, {INNER_PARAM: inner, IDENTITY_PARAM: secret})


def _fit(wanted: Mapping[str, str], essential: Mapping[str, str], room: int, quoted: Callable[[str], str]) -> dict[str, str]:
    """`essential` and as many of `wanted` as fit into `room` characters; the longest values go first, nothing is cut in half.

    `quoted` is how a value will stand there; the marks between two parameters take up to six characters then.
    """
    chosen = {**wanted, **essential}
    sizes = {name: len(name) + len(quoted(value)) + 6 for name, value in chosen.items()}
    total = sum(sizes.values())
    while total > room and len(chosen) > len(essential):
        longest = max((name for name in chosen if name not in essential), key=sizes.__getitem__)
        total -= sizes[longest]
        del chosen[longest]
    return chosen


def _query(params: Mapping[str, str]) -> str:
    return "&".join([f"{_once(name)}={_once(value)}" for name, value in params.items()])


_CACHED_LENGTH = 512
_AS_IT_IS = re.compile(r"[A-Za-z0-9_.~-]*")


def _once(text: str) -> str:
    if _AS_IT_IS.fullmatch(text):
        return text
    return _quoted_once(text) if len(text) <= _CACHED_LENGTH else quote_plus(text)


def _twice(text: str) -> str:
    if _AS_IT_IS.fullmatch(text):
        return text
    return _quoted_twice(text) if len(text) <= _CACHED_LENGTH else quote_plus(quote_plus(text))


# Callbacks and origins come again with every session of a site; with the length above each cache stays under 2 MiB.
@lru_cache(maxsize=1024)
def _quoted_once(text: str) -> str:
    return quote_plus(text)


@lru_cache(maxsize=1024)
def _quoted_twice(text: str) -> str:
    return quote_plus(quote_plus(text))
