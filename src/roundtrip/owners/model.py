"""What an owner and an owner's login are. Pure values and life times; `store.py` keeps them, `actions.py` changes them."""

from __future__ import annotations

from dataclasses import dataclass

from roundtrip.core.clock import DAY, HOUR, MINUTE
from roundtrip.core.identity import Actor

LOGIN_IDLE = 12 * HOUR
"""An owner's login ends when it was not used for this long."""
LOGIN_HARD_END = 7 * DAY
"""An owner's login ends this long after it began."""
LOGIN_TOUCH_AFTER = 5 * MINUTE
LOGIN_PURPOSE = "owner_login"
"""Purpose bound into the hash of the dashboard's cookie (`core/secrets.py`)."""
RECOVERY_PURPOSE = "owner_recovery_code"
"""Purpose bound into the hash of a recovery code."""
RECOVERY_CODES = 10
JOIN_KEY_PURPOSE = "owner invitations"
"""What links to join are derived from (`credentials/one_time_code.py`)."""
TOTP_KEY_PURPOSE = "owner second factors"
"""What the secrets of second factors are sealed with."""


@dataclass(frozen=True, slots=True)
class Owner:
    """An account of the dashboard. `totp_secret` is sealed; a second factor counts from `totp_confirmed_at` on."""

    id: str
    email: str
    email_key: str
    name: str
    password_hash: str
    totp_secret: str | None
    totp_confirmed_at: int | None
    totp_step: int
    revision: int
    created_at: int
    removed_at: int | None

    @property
    def has_second_factor(self) -> bool:
        """True when a password alone does not open the dashboard."""
        return self.totp_confirmed_at is not None

    @property
    def actor(self) -> Actor:
        """This owner in the audit log."""
        return Actor("owner", self.id, self.name)


@dataclass(frozen=True, slots=True)
class OwnerLogin:
    """One browser that is logged in to the dashboard. `proved_at` is None while the second factor is still to be shown."""

    id: str
    owner_id: str
    secret_hash: str
    browser: str
    created_at: int
    seen_at: int
    expires_at: int
    proved_at: int | None
    ended_at: int | None
