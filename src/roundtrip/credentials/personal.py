"""What this room keeps about a person: the codes that were mailed to them, with what they typed when they asked for one (OPS-08)."""

from __future__ import annotations

from typing import Any

from roundtrip.credentials import store
from roundtrip.credentials.model import OneTimeCode
from roundtrip.storage.database import Tx
from roundtrip.storage.keeps import Keeps, Person


def _codes(tx: Tx, person: Person) -> list[dict[str, Any]]:
    return [_shown(code) for code in store.all_codes_of(tx, person.member_id, limit=1000)] if person.member_id else []


def _shown(code: OneTimeCode) -> dict[str, Any]:
    shown: dict[str, Any] = {"purpose": code.purpose.value, "created_at": code.created_at, "used_at": code.used_at}
    profile = code.binding.get("profile")
    return {**shown, "profile": profile} if profile else shown


def _forget_codes(tx: Tx, person: Person) -> int:
    return store.delete_codes_of(tx, person.member_id) if person.member_id else 0


KEEPS = Keeps("codes", ("one_time_code",), _codes, _forget_codes, place=10)
