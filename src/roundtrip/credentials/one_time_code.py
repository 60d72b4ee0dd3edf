"""Codes that prove that a mail was read: six digits to type, and a long token for the link beside them.

Neither is stored. Both are derived from the row's id and a key that is outside the database (OPS-03), so the worker can send the same code
again after a crash, and a copy of the database opens nothing. A code works once, for ten minutes or as long as its purpose says, for the
request that asked for it, and dies after five wrong tries (IDN-04).

Where anybody may ask for codes in somebody else's name (`keep_others`), a new one leaves the older ones alive: nobody shall be able to end
the code that the owner of the address is just typing. What their number would give a guesser is taken back by `MAX_TRIES_A_DAY`.
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
from roundtrip.credentials.model import LIFE, LINK_LIFE, MAX_TRIES, MAX_TRIES_A_DAY, OneTimeCode, Purpose
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
    return code_id.replace("-", "") + _mark(key, f"link {code_id}")


def id_in(key: bytes, token: str) -> str | None:
    """The id of the code that a link's token belongs to, if we made it."""
    code_id = _id_in(token)
    return code_id if code_id and same(link_token(key, code_id), token) else None


def state_token(key: bytes, code_id: str, client_id: str) -> str:
    """What a site's own form sends back with the digits: names the first code of a registration, and is good for one client only."""
    return code_id.replace("-", "") + _mark(key, f"state {client_id} {code_id}")


def id_in_state(key: bytes, token: str, client_id: str) -> str | None:
    """The id in a state token, if we made it for this client."""
    code_id = _id_in(token)
    return code_id if code_id and same(state_token(key, code_id, client_id), token) else None


def issue(
    tx: Tx,
    *,
    code_id: str,
    purpose: Purpose,
    site_id: str,
    subject_id: str,
    binding: Mapping[str, Any],
    now: int,
    keep_others: bool = False,
) -> OneTimeCode:
    """Make a code; those that the same subject got before for the same purpose are dead, unless `keep_others`.

    An empty `subject_id` stands for nobody in particular: its digits open nothing (they exist so that an unknown address costs the same).
    """
    if subject_id and not keep_others:
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
    code = store.code(tx, code_id)
    if code is None or not code.subject_id or store.tries_of(tx, code.subject_id, since=now - DAY) > MAX_TRIES_A_DAY:
        return None
    return _spend(tx, code_id, now)


def spend_link(tx: Tx, key: bytes, token: str, purpose: Purpose, now: int) -> OneTimeCode | None:
    """The code behind a link's token, for the first who comes in time."""
    code_id = id_in(key, token)
    found = find(tx, code_id, purpose, now) if code_id else None
    return _spend(tx, found.id, now) if found else None


def newest(tx: Tx, first_id: str, purpose: Purpose) -> OneTimeCode | None:
    """The code that was sent last for what the code `first_id` was made for, dead or alive: that one, or one sent again."""
    first = store.code(tx, first_id)
    if first is None or first.purpose is not purpose:
        return None
    later = (code for code in store.codes_of(tx, first.subject_id, purpose.value) if code.binding.get("first") == first_id)
    return next(later, first)


def retire(tx: Tx, subject_id: str, purpose: Purpose, now: int) -> None:
    """End all living codes of a subject, because one of them did its work."""
    store.retire_codes(tx, subject_id, purpose.value, now)


def living(tx: Tx, purpose: Purpose, subject_id: str, now: int) -> OneTimeCode | None:
    """The newest living code of a subject, so that its link can be said again."""
    return store.living_code(tx, purpose.value, subject_id, now)


def forget(tx: Tx, now: int, limit: int) -> int:
    """Delete codes that ended a day ago; answers how many."""
    return store.forget_codes(tx, now - DAY, limit)


def _mark(key: bytes, text: str) -> str:
    return urlsafe_b64encode(hmac.digest(key, text.encode(), "sha256")).rstrip(b"=").decode()


def _id_in(token: str) -> str | None:
    match = _TOKEN.fullmatch(token)
    return "-".join(match.groups()[:5]) if match else None


def _spend(tx: Tx, code_id: str, now: int) -> OneTimeCode | None:
    return store.code(tx, code_id) if store.use_code(tx, code_id, now) else None
