"""Time-based one-time passwords (RFC 6238) and the recovery codes beside them. Pure; what is kept is decided in `actions.py`."""

from __future__ import annotations

from base64 import b32encode
from datetime import UTC, datetime

import pyotp

from roundtrip.core.clock import SECOND
from roundtrip.core.secrets import hash_secret, seal, unseal
from roundtrip.owners.model import RECOVERY_PURPOSE

STEP = 30 * SECOND
_WINDOW = (0, -1, 1)
"""Steps that are tried: this one first, then one to each side, for clocks that differ (RFC 6238 5.2)."""
_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
_GROUPS, _GROUP = 3, 4


def new_totp_secret(random: bytes) -> str:
    """A secret of 160 bits in base32, as authenticator apps take it, from 20 random bytes (RFC 4226 4, R6)."""
    return b32encode(random).decode()


def sealed(totp_secret: str, key: str) -> str:
    """What is stored: only a holder of the master secret can read it (OPS-03)."""
    return seal(key, totp_secret.encode()).decode()


def unsealed(stored: str, key: str) -> str:
    """The secret again. Raises `cryptography.exceptions.InvalidTag` with another master secret."""
    return unseal(key, stored.encode()).decode()


def matching_step(totp_secret: str, typed: str, now: int) -> int | None:
    """The time step that a typed code belongs to, or None. The caller takes the step, so that a code works once."""
    code = "".join(typed.split())
    if len(code) != 6 or not code.isascii() or not code.isdigit():
        return None
    totp = pyotp.TOTP(totp_secret)
    for shift in _WINDOW:
        step = now // STEP + shift
        if totp.verify(code, for_time=datetime.fromtimestamp(step * STEP // SECOND, UTC), valid_window=0):
            return step
    return None


def enrolment_url(totp_secret: str, email: str, issuer: str) -> str:
    """The `otpauth:` address that apps read."""
    return pyotp.TOTP(totp_secret).provisioning_uri(name=email, issuer_name=issuer)


def recovery_code(random: bytes) -> str:
    """`k3mw-9tqa-x7he`, from 12 random bytes: easy to write down, 59 bits."""
    letters = [_ALPHABET[byte % len(_ALPHABET)] for byte in random[: _GROUPS * _GROUP]]
    return "-".join("".join(letters[start : start + _GROUP]) for start in range(0, _GROUPS * _GROUP, _GROUP))


def recovery_hash(typed: str) -> str:
    """What is stored of a recovery code, however it was typed."""
    return hash_secret(RECOVERY_PURPOSE, "".join(letter for letter in typed.lower() if letter in _ALPHABET))
