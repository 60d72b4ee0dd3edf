"""What a one-time code is. Pure; how it is made and spent is in `one_time_code.py`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from roundtrip.core.clock import DAY, MINUTE

MAX_TRIES = 5
"""Wrong digits after which a code is dead (IDN-04)."""
MAX_TRIES_A_DAY = 20
"""Tries at the digits of all codes that one subject got within a day. After that only links work, which nobody can guess: somebody who
asks for code after code for another person's address stays at one in fifty thousand, and locks nobody out."""


class Purpose(StrEnum):
    """What a code is good for. A code of one purpose is wrong at every other door."""

    VERIFY_EMAIL = "verify_email"
    RECOVER = "recover"
    JOIN = "join"
    """Become an owner, or choose a new password as one."""


LIFE: Mapping[Purpose, int] = {Purpose.VERIFY_EMAIL: 10 * MINUTE, Purpose.RECOVER: 10 * MINUTE, Purpose.JOIN: 0}
"""How long the six digits work; 0: only the link does."""
LINK_LIFE: Mapping[Purpose, int] = {Purpose.VERIFY_EMAIL: 10 * MINUTE, Purpose.RECOVER: DAY, Purpose.JOIN: 3 * DAY}
"""A link holds 256 bits and may live longer."""


@dataclass(frozen=True, slots=True)
class OneTimeCode:
    """A code as it is stored. `subject_id` is whom it is about (empty: nobody, sent nowhere); `binding` is what asked for it."""

    id: str
    purpose: Purpose
    site_id: str
    subject_id: str
    binding: Mapping[str, Any]
    tries: int
    created_at: int
    expires_at: int
    used_at: int | None
