"""What a member, a login and a session token are. Pure values and life times; `store.py` keeps them, `actions.py` changes them.

What is not here: passwords (`passwords.py`), OAuth tokens (`oauth/`), cookies and everything else a browser sees (`web/`).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import msgspec

from roundtrip.core.clock import DAY, HOUR, MINUTE
from roundtrip.core.told import told

LOGIN_IDLE = 14 * DAY
"""A login ends when it was not used for this long."""
LOGIN_HARD_END = 90 * DAY
"""A login ends this long after it began, however often it is used."""
LOGIN_TOUCH_AFTER = HOUR
"""Use of a login is written down at most this often, so that a page view is usually only a read."""
LOGIN_KEPT = 400 * DAY
"""How long the row outlives its beginning: refresh tokens (at most a year) ask it whether the member logged out."""
SESSION_TOKEN_LIFE = 5 * MINUTE
"""AUT-16."""
LOGIN_PURPOSE = "login"
"""Purpose bound into the hash of a browser's login secret (`core/secrets.py`)."""
SESSION_TOKEN_PURPOSE = "session_token"  # noqa: S105  a name
"""Purpose bound into the hash of a session token."""


_OF_MEMBER = "id email status changedAt:time"
EVENTS: Mapping[str, Mapping[str, str]] = {
    "member": {
        "created": told(
            "Somebody registered, on a hosted page or through the identity API.",
            "id email status nickname? firstName? lastName? slug createdAt:time",
        ),
        "updated": told("What is said about a member was changed: read it again.", "id revision:number"),
        "verified": told("A member showed that mail to their address is read.", _OF_MEMBER),
        "approved": told("The owner let a waiting member in.", _OF_MEMBER),
        "declined": told("The owner refused a waiting member.", _OF_MEMBER),
        "blocked": told("The owner shut a member out; all their logins and tokens ended.", _OF_MEMBER),
        "unblocked": told("The owner let a blocked member in again.", _OF_MEMBER),
        "erased": told(
            "Everything that was kept about a member is gone. Carries the id only: whoever copied data by it deletes it now.",
            "id erasedAt:time",
        ),
    }
}
"""What is told to the world about a member, by slug."""


class MemberStatus(StrEnum):
    """Only active members may log in or refresh tokens. Which moves there are is in `standing.py`."""

    ACTIVE = "active"
    BLOCKED = "blocked"
    PENDING_VERIFICATION = "pending_verification"
    """Registered, and has not shown yet that mail to the address is read."""
    PENDING_APPROVAL = "pending_approval"
    """Waits for the owner of the site."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What somebody said about themselves at sign-up. `more` is any JSON-able mapping that is kept and given back untouched."""

    nickname: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    slug: str | None = None
    more: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Member:
    """An account. `email` is as the member wrote it, `email_key` what makes it unique in the site; `profile` is the JSON of
    `Profile.more`."""

    id: str
    site_id: str
    email: str
    email_key: str
    status: MemberStatus
    nickname: str | None
    first_name: str | None
    last_name: str | None
    slug: str
    profile: str
    revision: int
    created_at: int
    updated_at: int
    email_verified_at: int | None = None
    last_login_at: int | None = None

    @property
    def is_active(self) -> bool:
        """True when the member may log in and tokens may be renewed."""
        return self.status is MemberStatus.ACTIVE

    @property
    def is_verified(self) -> bool:
        """True when somebody has shown that they read mail to this address."""
        return self.email_verified_at is not None

    @property
    def language(self) -> str | None:
        """What the member's profile says about their language."""
        language = msgspec.json.decode(self.profile, type=dict[str, object]).get("language")
        return language if isinstance(language, str) and language else None

    @property
    def name(self) -> str:
        """The best name we have for a greeting: never empty."""
        full = " ".join(part for part in (self.first_name, self.last_name) if part)
        return self.nickname or full or self.email


@dataclass(frozen=True, slots=True)
class Credentials:
    """What is needed to check a password, and no more. `password_hash` is None for members who have none."""

    member_id: str
    password_hash: str | None
    status: MemberStatus


@dataclass(frozen=True, slots=True)
class Login:
    """One browser that is logged in on the pages host. `expires_at` slides with use and never passes the hard end."""

    id: str
    site_id: str
    member_id: str
    secret_hash: str
    created_at: int
    seen_at: int
    expires_at: int
    ended_at: int | None

    @property
    def is_ended(self) -> bool:
        """True after a logout. An idle login is not *ended*: tokens made from it may still be renewed."""
        return self.ended_at is not None

    def needs_touch(self, now: int) -> bool:
        """True when its use was last written down so long ago that it should be written again."""
        return self.seen_at <= now - LOGIN_TOUCH_AFTER


@dataclass(frozen=True, slots=True)
class SessionToken:
    """What a spent session token stood for. `login_id` is None when no browser was logged in on the pages host."""

    client_id: str
    member_id: str
    login_id: str | None


def email_key(email: str) -> str:
    """Two addresses with the same key are the same account: compatibility forms and upper case do not make a second one."""
    return unicodedata.normalize("NFKC", email).casefold()
