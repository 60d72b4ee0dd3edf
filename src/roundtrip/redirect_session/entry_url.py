"""Makes the address that opens a redirect session, in every form that clients of the wire read.

The stored session is the truth. What is in the address besides the id and the one-time value is for people and for clients that look
(`docs/reference/redirect-sessions.md`): editing it changes nothing about where a visitor may end up (AUT-17).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import quote_plus

import msgspec

MAX_LENGTH = 2048

ENTER_PATH = "/_api/redirects-api/v1/enter/"
AUTHORIZE_PATH = "/_api/oauth2/authorize"
LOGOUT_PATH = "/_api/iam/authentication/v1/logout"
END_SESSION_PATH = "/oauth2/logout"
"""Where standard clients log out (OpenID Connect RP-Initiated Logout)."""

SESSION_ID_PARAM = "redirectSessionId"
ENTRY_PARAM = "entryToken"
IDENTITY_PARAM = "sessionToken"
INNER_PARAM = "redirectUrl"
_OURS = frozenset({SESSION_ID_PARAM, ENTRY_PARAM})
_OURS_INSIDE = frozenset({SESSION_ID_PARAM, IDENTITY_PARAM})


class EntryUrl(msgspec.Struct, frozen=True):
    """The address in the three forms of the answer: whole, without its query, and the query decoded."""

    full_url: str
    endpoint: str
    search_params: Mapping[str, str]


class _Query(msgspec.Struct, frozen=True):
    """The parameters that sessions of one site share, as far as there is room for them: decoded, as a query, and as a query inside one."""

    params: Mapping[str, str]
    once: str
    twice: str


def direct(base_url: str, path: str, session_id: str, secret: str, params: Mapping[str, str]) -> EntryUrl:
    """For intents whose endpoint is the page itself (authorize, logout)."""
    endpoint = base_url + path
    essential = f"{SESSION_ID_PARAM}={session_id}&{ENTRY_PARAM}={secret}"
    query = _query(tuple(params.items()), MAX_LENGTH - len(endpoint) - len(essential) - 1, False)
    shown = {**query.params, SESSION_ID_PARAM: session_id, ENTRY_PARAM: secret}
    return EntryUrl(f"{endpoint}?{query.once}{essential}", endpoint, shown)


def through_entry(base_url: str, inner_path: str, session_id: str, secret: str, params: Mapping[str, str]) -> EntryUrl:
    """For all other intents: the entry endpoint with the page's own address in `redirectUrl`.

    Some clients open the inner address directly, so it carries the same id and one-time value and opens the session just as well.
    """
    endpoint = f"{base_url}{ENTER_PATH}{session_id}"
    page = base_url + inner_path
    start = f"{endpoint}?{INNER_PARAM}={_quoted_page(page)}%3F"
    # Ids and secrets consist of characters that mean themselves in a query, so they need no quoting, once or twice.
    end = f"{SESSION_ID_PARAM}%3D{session_id}%26{IDENTITY_PARAM}%3D{secret}&{IDENTITY_PARAM}={secret}"
    query = _query(tuple(params.items()), MAX_LENGTH - len(start) - len(end), True)
    inner = f"{page}?{query.once}{SESSION_ID_PARAM}={session_id}&{IDENTITY_PARAM}={secret}"
    return EntryUrl(f"{start}{query.twice}{end}", endpoint, {INNER_PARAM: inner, IDENTITY_PARAM: secret})


# Callbacks, origin and client come again with every session of a site, and quoting is slow. Memory: 512 times about 8 kB at the very most.
@lru_cache(maxsize=512)
def _query(wanted: tuple[tuple[str, str], ...], room: int, inside: bool) -> _Query:
    """As many of `wanted` as fit into `room` characters; the longest values go first, nothing is cut in half.

    `inside` measures them as they stand inside another query. Each part ends with the mark that separates it from the next.
    """
    ours = _OURS_INSIDE if inside else _OURS
    chosen = {name: value for name, value in wanted if name not in ours}
    once = {name: f"{_once(name)}={_once(value)}&" for name, value in chosen.items()}
    twice = {name: _once(part) for name, part in once.items()} if inside else {}
    measured = twice if inside else once
    total = sum(len(part) for part in measured.values())
    while total > room:
        longest = max(chosen, key=lambda name: len(measured[name]))
        total -= len(measured[longest])
        del chosen[longest]
    return _Query(chosen, "".join([once[name] for name in chosen]), "".join([twice[name] for name in chosen if inside]))


_AS_IT_IS = re.compile(r"[A-Za-z0-9_.~-]*")


# Most intents have one page; those with a slug in its path have one per product.
_quoted_page = lru_cache(maxsize=256)(quote_plus)


def _once(text: str) -> str:
    return text if _AS_IT_IS.fullmatch(text) else quote_plus(text)
