"""Ending tokens before their time, on every node within a second, without a database read per request (decision record 0011).

An access token is valid until it expires unless its *subject* (`login:<id>`, `grant:<id>` or `client:<id>`) is in the table. Every node
keeps the young part of the table in a `RevocationSet` and asks it on each request; the edge reads the table at least every half second. A
subject never comes back: the same member logs in again under a new login, so there is nothing to compare but the name. (Comparing times
would let through a token that was issued in the very moment of the logout.)
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from roundtrip.core.clock import MINUTE
from roundtrip.core.identity import ApiKey, App, Member, Visitor
from roundtrip.members import actions as members
from roundtrip.oauth import store
from roundtrip.oauth.model import ACCESS_TOKEN_LIFE
from roundtrip.storage.database import Tx

OVERLAP = MINUTE
"""How far a node reads back again each time: covers differing clocks and transactions that were long in committing."""


@dataclass(frozen=True, slots=True)
class Revocation:
    """One row of the table. After `expires_at` every token of the subject has expired by itself."""

    subject: str
    expires_at: int


def revoke(tx: Tx, subject: str, now: int) -> str:
    """End the access tokens of a subject. Add the answer, the subject, to this node's `RevocationSet` after the commit."""
    store.revoke(tx, subject, now, _end(now))
    return subject


def end_login(tx: Tx, login_id: str, now: int) -> str:
    """Log a browser out: the login ends, and with it all tokens made from it, at every client. Safe to repeat."""
    members.end_login(tx, login_id, now)
    return revoke(tx, f"login:{login_id}", now)


def end_grant(tx: Tx, grant_id: str, now: int) -> str:
    """End one client's right to act for one visitor or member: its access tokens and its refresh token. Safe to repeat."""
    store.revoke_grant(tx, grant_id, now)
    return revoke(tx, f"grant:{grant_id}", now)


def end_member(tx: Tx, member_id: str, now: int, *, keep_login_id: str | None = None, keep_grant_id: str | None = None) -> tuple[str, ...]:
    """End every login of a member, and all that clients may do for them (IDN-06). Safe to repeat.

    What is kept is the browser and the client that asked for it. Answers the subjects, for this node's `RevocationSet`.
    """
    logins = members.end_logins(tx, member_id, now, keep=keep_login_id)
    ended = store.revoke_grants_of(tx, member_id, now, keep=keep_grant_id, keep_login=keep_login_id)
    # Access tokens of a grant that was not used for their whole life have expired by themselves.
    recent = sorted(grant_id for grant_id, used_at in ended if used_at > now - ACCESS_TOKEN_LIFE - OVERLAP)
    return tuple(revoke(tx, subject, now) for subject in (*(f"login:{one}" for one in logins), *(f"grant:{one}" for one in recent)))


def since(tx: Tx, after: int) -> list[Revocation]:
    """What was revoked at `after` or later (UTC milliseconds; see `RevocationSet.read_from`)."""
    return [Revocation(*row) for row in store.revocations_since(tx, after)]


class RevocationSet:
    """This node's copy of the table. Not for several threads at once: the edge owns it."""

    def __init__(self) -> None:
        self._subjects: dict[str, int] = {}
        self._read_at: int | None = None
        self._prune_at = 0

    @property
    def read_from(self) -> int:
        """The `after` of the next `since`: everything at first, later only what the last reading may have missed."""
        return 0 if self._read_at is None else self._read_at - OVERLAP

    def add(self, subject: str, now: int) -> None:
        """Know at once what this node has just revoked."""
        self._subjects[subject] = _end(now)

    def refresh(self, read: Iterable[Revocation], now: int) -> None:
        """Take in what `since(tx, read_from)` answered; `now` is from before that call. Forgets now and then what no longer matters."""
        self._subjects.update((revocation.subject, revocation.expires_at) for revocation in read)
        self._read_at = now
        if now >= self._prune_at:
            self.prune(now)
            self._prune_at = now + OVERLAP

    def is_revoked(self, caller: Visitor | Member | App | ApiKey) -> bool:
        """True when this caller's token must no longer be accepted."""
        if not self._subjects or isinstance(caller, ApiKey):
            return False
        if isinstance(caller, Member) and caller.login_id and f"login:{caller.login_id}" in self._subjects:
            return True
        return f"grant:{caller.grant_id}" in self._subjects or f"client:{caller.client_id}" in self._subjects

    def prune(self, now: int) -> None:
        """Forget subjects whose tokens have all expired by themselves."""
        gone = [subject for subject, expires_at in self._subjects.items() if expires_at <= now]
        for subject in gone:
            del self._subjects[subject]

    def __len__(self) -> int:
        return len(self._subjects)


def _end(now: int) -> int:
    # A node whose clock is behind may issue a token of the subject a moment later than `now` says.
    return now + ACCESS_TOKEN_LIFE + 2 * OVERLAP
