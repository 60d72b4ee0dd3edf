"""What this site sent and received during one visit, with secrets shortened. Shown on `/inside`; a real site would not keep it."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit, urlunsplit

SECRET_NAMES = frozenset(
    {"access_token", "refresh_token", "id_token", "code", "codeVerifier", "codeChallenge", "refreshToken", "sessionToken", "state", "token"}
)
SECRET_STARTS = ("OauthNG.", "JWS.", "IST.", "eyJ")
"""How the server's tokens begin, so that one under a name that is not listed above is caught as well."""

VISIBLE = 10
KEPT_ENTRIES = 60


@dataclass(frozen=True, slots=True)
class Entry:
    """One message. `came_by` is `api` (this site called the server) or `browser` (carried by a redirect)."""

    at: datetime
    came_by: str
    title: str
    method: str
    url: str
    sent: str = ""
    status: int | None = None
    received: str = ""
    took_ms: float | None = None

    @property
    def is_fine(self) -> bool:
        """False for an error status and for an answer that never came."""
        return self.came_by == "browser" or (self.status is not None and self.status < 400)


@dataclass(slots=True)
class Trace:
    """The newest messages of a visit, oldest first."""

    entries: deque[Entry] = field(default_factory=lambda: deque(maxlen=KEPT_ENTRIES))

    def browser(self, title: str, url: str) -> None:
        """Note a redirect that left this site or came back to it."""
        self.entries.append(Entry(datetime.now(UTC), "browser", title, "GET", shorten_url(url)))

    def api(self, entry: Entry) -> None:
        """Note a call to the server."""
        self.entries.append(entry)


def shorten(value: str) -> str:
    """The start of a secret: enough to recognise it, not enough to use it."""
    return value if len(value) <= VISIBLE else f"{value[:VISIBLE]}… ({len(value)} characters)"


def shorten_url(url: str) -> str:
    """The address with the secrets in its query shortened."""
    parts = urlsplit(url)
    if not parts.query:
        return url
    pairs = [(name, shorten(value) if _is_secret(name, value) else value) for name, value in parse_qsl(parts.query, keep_blank_values=True)]
    # Left decoded on purpose: this is for people to read, nobody follows it.
    return urlunsplit(parts._replace(query="&".join(f"{name}={value}" for name, value in pairs)))


def pretty(body: object) -> str:
    """A JSON body as text for people, secrets shortened."""
    return "" if body is None else json.dumps(_without_secrets(body), indent=2, ensure_ascii=False)


def _is_secret(name: str, value: str) -> bool:
    return name in SECRET_NAMES or value.startswith(SECRET_STARTS)


def _without_secrets(body: object, name: str = "") -> object:
    if isinstance(body, Mapping):
        return {key: _without_secrets(value, str(key)) for key, value in body.items()}
    if isinstance(body, list):
        return [_without_secrets(value) for value in body]
    if isinstance(body, str):
        if _is_secret(name, body):
            return shorten(body)
        return shorten_url(body) if body.startswith(("http://", "https://")) else body
    return body
