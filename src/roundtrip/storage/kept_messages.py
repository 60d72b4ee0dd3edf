"""What is kept about a person in messages and logs: events and mails in the outbox, caught mails, and the audit log (OPS-08)."""

from __future__ import annotations

from typing import Any

import msgspec

from roundtrip.storage.database import Tx, Value
from roundtrip.storage.keeps import ERASED, Keeps, Person
from roundtrip.storage.outbox import MAIL

MOST = 10_000
"""Rows of one kind that a hand-out holds, newest first: as many as nobody has."""
_ABOUT = "site_id = :site_id AND person IN (:first, :second)"
_decode = msgspec.json.Decoder(dict[str, Any]).decode


def _params(person: Person) -> dict[str, Value]:
    first, second = person.keys
    return {"site_id": person.site_id, "first": first, "second": second}


def _events(tx: Tx, person: Person) -> list[dict[str, Any]]:
    rows = tx.all(
        f"SELECT entity, slug, body, occurred_at, outcome FROM outbox WHERE {_ABOUT} ORDER BY id DESC LIMIT :most",
        most=MOST,
        **_params(person),
    )
    return [
        {"occurred_at": at, **({"mail": _decode(body), "outcome": outcome} if entity == MAIL else {f"{entity}.{slug}": _decode(body)})}
        for entity, slug, body, at, outcome in rows
    ]


def _forget_events(tx: Tx, person: Person) -> int:
    # Those that wait, too: a receiver who never heard of somebody need not hear now, and a mail to them has no reader any more.
    return tx.execute(f"DELETE FROM outbox WHERE {_ABOUT}", **_params(person))


def forget_about(tx: Tx, site_id: str, persons: tuple[str, str], entity_id: str) -> int:
    """Delete the events and mails about one thing that carry one of these keys: what was told to another address of somebody."""
    rows = tx.all(
        f"DELETE FROM outbox WHERE {_ABOUT} AND entity_id = :entity_id RETURNING id",
        site_id=site_id,
        first=persons[0],
        second=persons[1],
        entity_id=entity_id,
    )
    for (message_id,) in rows:
        tx.execute("DELETE FROM caught_mail WHERE id = :id", id=message_id)
    return len(rows)


def _caught(tx: Tx, person: Person) -> list[dict[str, Any]]:
    rows = tx.all(
        f"SELECT kind, recipient, subject, caught_at FROM caught_mail WHERE {_ABOUT} ORDER BY id DESC LIMIT :most",
        most=MOST,
        **_params(person),
    )
    return [{"kind": kind, "to": to, "subject": subject, "caught_at": at} for kind, to, subject, at in rows]


def _forget_caught(tx: Tx, person: Person) -> int:
    return tx.execute(f"DELETE FROM caught_mail WHERE {_ABOUT}", **_params(person))


def _audited(tx: Tx, person: Person) -> list[dict[str, Any]]:
    rows = tx.all(
        "SELECT action, at, before, after FROM audit_entry WHERE site_id = :site_id AND object_id = :id ORDER BY id DESC LIMIT :most",
        site_id=person.site_id,
        id=person.member_id or "",
        most=MOST,
    )
    return [
        {"action": action, "at": at, "before": _decode(before) if before else None, "after": _decode(after) if after else None}
        for action, at, before, after in rows
    ]


def _forget_audited(tx: Tx, person: Person) -> int:
    # That an owner decided, and when, stays; about whom is an id that leads nowhere any more.
    return tx.execute(
        "UPDATE audit_entry SET object_name = :erased, before = NULL, after = NULL"
        " WHERE site_id = :site_id AND object_id = :id AND object_name <> :erased",
        site_id=person.site_id,
        id=person.member_id or "",
        erased=ERASED,
    )


KEEPS = (
    Keeps("messages", ("outbox",), _events, _forget_events, place=90),
    Keeps("mailbox", ("caught_mail",), _caught, _forget_caught, place=91),
    Keeps("audit", ("audit_entry",), _audited, _forget_audited, place=92),
)
