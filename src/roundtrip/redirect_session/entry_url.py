"""Makes the address that opens a redirect session, in every form that clients of the wire read.

The stored session is the truth. What is in the address besides the id and the one-time value is for people and for clients that look
(`docs/reference/redirect-sessions.md`): editing it changes nothing about where a visitor may end up (AUT-17).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

MAX_LENGTH = 2048

ENTER_PATH = "/_api/redirects-api/v1/enter/"
AUTHORIZE_PATH = "/_api/oauth2/authorize"
LOGOUT_PATH = "/_api/iam/authentication/v1/logout"

SESSION_ID_PARAM = "redirectSessionId"
ENTRY_PARAM = "entryToken"
IDENTITY_PARAM = "sessionToken"


@dataclass(frozen=True, slots=True)
class EntryUrl:
    """The address in the three forms of the answer: whole, without its query, and the query decoded."""

    full_url: str
    endpoint: str
    search_params: Mapping[str, str]


def direct(base_url: str, path: str, session_id: str, secret: str, params: Mapping[str, str]) -> EntryUrl:
    """For intents whose endpoint is the page itself (authorize, logout)."""
    essential = {SESSION_ID_PARAM: session_id, ENTRY_PARAM: secret}
    return _fit(base_url + path, essential, params)


def through_entry(base_url: str, inner_path: str, session_id: str, secret: str, params: Mapping[str, str]) -> EntryUrl:
    """For all other intents: the entry endpoint with the page's own address in `redirectUrl`.

    Some clients open the inner address directly, so it carries the same id and one-time value and opens the session just as well.
    """
    essential = {SESSION_ID_PARAM: session_id, IDENTITY_PARAM: secret}
    endpoint = f"{base_url}{ENTER_PATH}{session_id}"
    room = MAX_LENGTH - len(endpoint) - len(urlencode({"redirectUrl": "", IDENTITY_PARAM: secret})) - 1
    inner = _fit(base_url + inner_path, essential, params, room, encoded=True)
    return _fit(endpoint, {"redirectUrl": inner.full_url, IDENTITY_PARAM: secret}, {})


def _fit(
    endpoint: str, essential: Mapping[str, str], wanted: Mapping[str, str], room: int = MAX_LENGTH, *, encoded: bool = False
) -> EntryUrl:
    """All of `wanted` that fits into `room` characters after `essential`; the longest values go first (nothing is cut in half).

    `encoded` measures the address as it looks inside another query.
    """
    chosen = {key: value for key, value in wanted.items() if key not in essential}
    while True:
        params = {**chosen, **essential}
        full_url = f"{endpoint}?{urlencode(params)}"
        size = len(urlencode({"": full_url})) - 1 if encoded else len(full_url)
        if size <= room or not chosen:
            return EntryUrl(full_url, endpoint, params)
        del chosen[max(chosen, key=lambda key: len(chosen[key]))]
