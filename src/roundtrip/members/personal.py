"""What this room keeps about a person: the account, and the browsers that are logged in with it (OPS-08)."""

from __future__ import annotations

from typing import Any

import msgspec

from roundtrip.credentials import throttle
from roundtrip.members import guesses, store
from roundtrip.storage.database import Tx
from roundtrip.storage.keeps import Keeps, Person


def _account(tx: Tx, person: Person) -> list[dict[str, Any]]:
    member = store.member(tx, person.site_id, person.member_id) if person.member_id else None
    if member is None:
        return []
    return [
        {
            "id": member.id,
            "email": member.email,
            "email_verified_at": member.email_verified_at,
            "status": member.status.value,
            "nickname": member.nickname,
            "first_name": member.first_name,
            "last_name": member.last_name,
            "slug": member.slug,
            "profile": msgspec.json.decode(member.profile, type=dict[str, Any]),
            "created_at": member.created_at,
            "updated_at": member.updated_at,
            "last_login_at": member.last_login_at,
            "logins": [
                {"id": login.id, "created_at": login.created_at, "seen_at": login.seen_at, "ended_at": login.ended_at}
                for login in store.logins_of(tx, member.id, limit=1000)
            ],
        }
    ]


def _forget_account(tx: Tx, person: Person) -> int:
    for door in (guesses.login, guesses.sign_up, guesses.mail, guesses.code):
        # These counters hold a hash of the address. Those that also hash a network address can't be found, and are gone after a day.
        throttle.forget_account(tx, door(person.site_id, person.email_key, ""))
    return store.delete_member(tx, person.site_id, person.member_id) if person.member_id else 0


KEEPS = Keeps("member", ("member", "login", "session_token", "throttle"), _account, _forget_account, place=0)
