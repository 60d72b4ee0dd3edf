"""Codes that prove that a mail was read: six digits to type, and a long token for the link beside them.

Neither is stored. Both are derived from the row's id and a key that is outside the database (OPS-03), so the worker can send the same code
again after a crash, and a copy of the database opens nothing. A code works once, for ten minutes or as long as its purpose says, for the
request that asked for it, and dies after five wrong tries (IDN-04).
"""

from __future__ import annotations

import hmac
import re
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from typing import Any

from roundtrip.core.clock import DAY
from roundtrip.core.secrets import same
from roundtrip.credentials import store
from roundtrip.credentials.model import LIFE, LINK_LIFE, MAX_TRIES, OneTimeCode, Purpose
from roundtrip.storage.database import Tx

DIGITS = 6
KEY_PURPOSE = "one-time codes"
"""What `core.secrets.derived_key` is asked for."""
_TOKEN = re.compile(r"([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})([A-Za-z0-9_-]{43})")


def digits(key: bytes, code_id: str) -> str:
    """The six digits of a code. `key` comes from `core.secrets.derived_key(master, KEY_PURPOSE)`."""
    number = int.from_bytes(hmac.digest(key, f"digits {code_id}".encode(), "sha256")[:8], "big")
    return f"{number % 10**DIGITS:0{DIGITS}d}"


def link_token(key: bytes, code_id: str) -> str:
    """The text that a link carries: the id, so that its row is found, and 256 bits that nobody else can make."""
    mark = urlsafe_b64encode(hmac.digest(key, f"link {code_id}".encode(), "sha256")).rstrip(b"=").decode()
    return code_id.replace("-", "") + mark


def id_in(key: bytes, token: str) -> str | None:
    """The id of the code that a link's token belongs to, if we made it."""
    match = _TOKEN.fullmatch(token)
    if match is None:
        return None
    code_id = "-".join(match.groups()[:5])
    return code_id if same(link_token(key, code_id), token) else None


def issue(tx: Tx, *, code_id: str, purpose: Purpose, site_id: str, subject_id: str, binding: Mapping[str, Any], now: int) -> OneTimeCode:
    """Make a code; those that the same subject got before for the same purpose are dead."""
    if subject_id:
        store.retire_codes(tx, subject_id, purpose.value, now)
    code = OneTimeCode(code_id, purpose, site_id, subject_id, binding, 0, now, now + max(LIFE[purpose], LINK_LIFE[purpose]), None)
    store.add_code(tx, code)
    return code


def find(tx: Tx, code_id: str, purpose: Purpose, now: int) -> OneTimeCode | None:
    """A living code of this purpose, without spending it: for showing the page that asks for it."""
    code = store.code(tx, code_id)
    is_alive = code is not None and code.purpose is purpose and code.used_at is None and now < code.expires_at and code.tries < MAX_TRIES
    return code if is_alive else None


def spend_digits(tx: Tx, key: bytes, code_id: str, purpose: Purpose, typed: str, now: int) -> OneTimeCode | None:
    """The code, for the first who types its digits in time; None for a wrong, late or used one.

    A wrong try is counted and must be kept: the caller returns `Refused`. The try is taken before the digits are compared, so that no
    number of parallel tries is more than five.
    """
    if not store.take_try(tx, code_id, purpose.value, now, issued_after=now - LIFE[purpose], most=MAX_TRIES):
        return None
    if not same(digits(key, code_id), re.sub(r"[\s-]", "", typed)):
        return None
    return _spend(tx, code_id, now)


def spend_link(tx: Tx, key: bytes, token: str, purpose: Purpose, now: int) -> OneTimeCode | None:
    """The code behind a link's token, for the first who comes in time."""
    code_id = id_in(key, token)
    if code_id is None or find(tx, code_id, purpose, now) is None:
        return None
    return _spend(tx, code_id, now)


def living(tx: Tx, purpose: Purpose, subject_id: str, now: int) -> OneTimeCode | None:
    """The newest living code of a subject, so that its link can be said again."""
    return store.living_code(tx, purpose.value, subject_id, now)


def forget(tx: Tx, now: int, limit: int) -> int:
    """Delete codes that ended a day ago; answers how many."""
    return store.forget_codes(tx, now - DAY, limit)


def _spend(tx: Tx, code_id: str, now: int) -> OneTimeCode | None:
    return store.code(tx, code_id) if store.use_code(tx, code_id, now) else None
