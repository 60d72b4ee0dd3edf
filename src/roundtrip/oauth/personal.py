"""What this room keeps about a person: which clients may act for them, and since when (OPS-08).

Authorization codes name a member by an id only, work for a minute and are deleted after a day.
"""

from __future__ import annotations

from typing import Any

from roundtrip.oauth import store
from roundtrip.storage.database import Tx
from roundtrip.storage.keeps import Keeps, Person


def _grants(tx: Tx, person: Person) -> list[dict[str, Any]]:
    return [
        {"client_id": client_id, "scope": scope, "created_at": created_at, "used_at": used_at, "revoked_at": revoked_at}
        for client_id, scope, created_at, used_at, revoked_at in (store.grants_of(tx, person.member_id, 1000) if person.member_id else [])
    ]


def _forget_grants(tx: Tx, person: Person) -> int:
    return store.delete_grants_of(tx, person.member_id) if person.member_id else 0


KEEPS = Keeps("grants", ("oauth_grant",), _grants, _forget_grants, place=20)
