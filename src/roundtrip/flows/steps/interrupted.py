"""A visit that stops for another one: somebody books, needs a plan, buys it in a visit of its own, and goes on booking (decision 0171).

What travels by way of the site names the visit and is bound to it by the visit's own secret, so nobody makes or changes one. It opens
nothing: going on needs the browser that the visit belongs to.
"""

from __future__ import annotations

import base64
import binascii
from typing import TypeVar

import msgspec

from roundtrip.core.errors import AppError, Kind, Violation
from roundtrip.core.secrets import hash_secret, same
from roundtrip.redirect_session import store
from roundtrip.redirect_session.model import RedirectSession, Status
from roundtrip.storage.database import Tx

PURPOSE = "interrupted visit"
VERSION = 1
M = TypeVar("M", bound=msgspec.Struct)


class _Packed(msgspec.Struct, rename="camel", omit_defaults=True):
    v: int
    sid: str
    mac: str
    then: str = ""


def carried(session: RedirectSession, then: msgspec.Struct | None = None) -> str:
    """What the site carries from the interrupted visit to the next one. With `then`, the message that the same visit goes on with."""
    onward = msgspec.json.encode(then).decode() if then is not None else ""
    packed = msgspec.json.encode(_Packed(VERSION, session.id, _mac(session, onward), onward))
    return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()


def onward(session: RedirectSession, text: str | None, kind: type[M]) -> M | None:
    """What this visit goes on with, when it interrupted itself; None: it did not."""
    found = _read(text) if text else None
    if found is None or found.sid != session.id or not found.then or not same(found.mac, _mac(session, found.then)):
        return None
    return msgspec.json.decode(found.then, type=kind)


def require(tx: Tx, site_id: str, text: str) -> RedirectSession:
    """The visit that the data names, of the same site, whatever became of it. Raises INVALID `INVALID_CHECKOUT_DATA`."""
    found = _found(tx, site_id, text)
    if found is None:
        why = (
            "is not what a booking page of this site gave (received "
            f"{text[:40]!r}): send back the checkoutData of the address that the visitor came with, unchanged, or leave it out"
        )
        violation = Violation("paidPlansCheckout.checkoutData", why, "FORMAT")
        raise AppError(Kind.INVALID, "INVALID_CHECKOUT_DATA", f"{violation.field} {why}", violations=(violation,))
    return found


def open_visit(tx: Tx, site_id: str, text: str | None, now: int) -> str | None:
    """The id of the interrupted visit, if it can be gone on with now."""
    found = _found(tx, site_id, text) if text else None
    return found.id if found is not None and found.status_at(now) is Status.OPENED else None


def _found(tx: Tx, site_id: str, text: str) -> RedirectSession | None:
    found = _read(text)
    session = store.get(tx, found.sid) if found is not None and found.v == VERSION else None
    is_ours = found is not None and session is not None and session.site_id == site_id and same(found.mac, _mac(session, found.then))
    return session if is_ours else None


def _read(text: str) -> _Packed | None:
    try:
        packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        return msgspec.json.decode(packed, type=_Packed)
    except (msgspec.MsgspecError, binascii.Error, ValueError):
        return None


def _mac(session: RedirectSession, onward: str) -> str:
    """Made of a secret that only this server knows the hash of, so that no key has to be carried around."""
    return hash_secret(PURPOSE, f"{session.id} {session.entry_hash} {onward}")[:32]
