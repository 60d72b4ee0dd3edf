"""What this room keeps about a person: the visits that they began or filled in (OPS-08).

A visit is deleted as a whole: its request, its draft and its moments. Orders and the like are kept by the rooms that they belong to.
"""

from __future__ import annotations

from typing import Any

import msgspec

from roundtrip.redirect_session import store
from roundtrip.redirect_session.model import RedirectSession
from roundtrip.storage.database import Tx
from roundtrip.storage.keeps import Keeps, Person

MOST = 10_000


def _visits(tx: Tx, person: Person) -> list[dict[str, Any]]:
    return [_shown(session) for session in store.about(tx, person.site_id, person.keys, MOST)]


def _shown(session: RedirectSession) -> dict[str, Any]:
    return {
        "id": session.id,
        "client_id": session.client_id,
        "intent": session.intent,
        "status": session.status.value,
        "language": session.language,
        "request": msgspec.json.decode(session.request.params),
        "filled_in": _filled_in(session.draft),
        "result": session.result,
        "created_at": session.created_at,
        "changed_at": session.changed_at,
    }


def _filled_in(draft: str | None) -> dict[str, Any]:
    known: dict[str, Any] = msgspec.json.decode(draft, type=dict[str, Any]) if draft else {}
    return {name: value for name, value in known.items() if name not in ("version", "code_id", "login_id")}


def _forget_visits(tx: Tx, person: Person) -> int:
    return store.delete_about(tx, person.site_id, person.keys)


KEEPS = Keeps("visits", ("redirect_session", "redirect_session_moment"), _visits, _forget_visits, place=30)
