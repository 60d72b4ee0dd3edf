"""Who is calling. The outside (`api/`, `web/`) finds out; the rooms only look."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody whose browser holds an anonymous token of one client. The token *is* the visitor."""

    site_id: str
    client_id: str
    visitor_id: str
    grant_id: str


@dataclass(frozen=True, slots=True)
class Member:
    """A logged-in member, acting through one client. `login_id` is the login that the tokens were made from (None for external ones)."""

    site_id: str
    client_id: str
    member_id: str
    grant_id: str
    login_id: str | None = None


@dataclass(frozen=True, slots=True)
class ApiKey:
    """Server code of the site's owner. `permissions` are names like `redirect_session.read`; `*` means all."""

    site_id: str
    key_id: str
    permissions: frozenset[str]

    def may(self, permission: str) -> bool:
        """True when this key was given the permission."""
        return "*" in self.permissions or permission in self.permissions


@dataclass(frozen=True, slots=True)
class App:
    """A client acting for itself, by its secret (`client_credentials`): server code of the site's owner, like an API key.

    `secret_id` is the secret that was shown; taking it away ends what it was shown for.
    """

    site_id: str
    client_id: str
    grant_id: str
    permissions: frozenset[str]
    secret_id: str = ""

    def may(self, permission: str) -> bool:
        """True when the client's secret was given the permission."""
        return "*" in self.permissions or permission in self.permissions


Caller = Visitor | Member | ApiKey | App


@dataclass(frozen=True, slots=True)
class Actor:
    """Who changed something, for the audit log. `kind` is `owner`, `api_key`, `app`, `command` or `system`; `name` is for people."""

    kind: str
    id: str
    name: str


COMMAND = Actor("command", "", "Command line")
"""Somebody with a shell on the server."""
