"""A key that deliveries are signed with."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from roundtrip.core.clock import DAY

KEY_PURPOSE = "webhook keys"
"""What `core.secrets.derived_key` is asked for to seal the private halves."""
OVERLAP = DAY
"""How long a replaced secret still signs beside the new one (WHK-06)."""
PUBLISHED_BEFORE = DAY
"""How long a new RS256 key is shown before it signs: a token has one signature, so its receivers need the new key before."""


class KeyKind(StrEnum):
    """How a key signs."""

    V1 = "v1"
    """HMAC-SHA256 with a shared secret (`whsec_`)."""
    V1A = "v1a"
    """ed25519 with a private key (`whsk_`); receivers hold `whpk_`."""
    RS256 = "rs256"
    """RSA, for the envelope `jwt`; receivers hold the public key in PEM."""


@dataclass(frozen=True, slots=True)
class WebhookKey:
    """One key as it is kept. `sealed` holds the secret or private half; `public_half` may be shown to anybody, the secret once."""

    id: str
    holder_id: str
    kind: KeyKind
    sealed: str = field(repr=False)
    public_half: str | None
    hint: str
    created_at: int
    signs_from: int
    expires_at: int | None

    def signs_at(self, now: int) -> bool:
        """True while deliveries are signed with it."""
        return self.signs_from <= now and (self.expires_at is None or self.expires_at > now)

    def is_shown_at(self, now: int) -> bool:
        """True while receivers need it: before it signs, too."""
        return self.expires_at is None or self.expires_at > now
