"""SQL of categories, policies and items of schedules, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from roundtrip.events.parts.model import Kind, Part
from roundtrip.query.listed import listed
from roundtrip.storage.database import Row, Tx

_PART = "site_id, kind, id, event_id, name, position, content, revision, created_at, updated_at"
_decode = msgspec.json.Decoder(dict[str, Any]).decode


def get(tx: Tx, site_id: str, kind: Kind, part_id: str) -> Part | None:
    """One of this kind."""
    sql = f"SELECT {_PART} FROM event_part WHERE site_id = :site_id AND kind = :kind AND id = :id"
    row = tx.one(sql, site_id=site_id, kind=kind, id=part_id)
    return _part(row) if row else None


def page(tx: Tx, site_id: str, kind: Kind, event_ids: Sequence[str], limit: int, offset: int = 0) -> list[Part]:
    """Those of these events (of the site: `("",)`) in the owner's order."""
    names, params = listed("event_id", sorted(set(event_ids)))
    rows = tx.all(
        f"SELECT {_PART} FROM event_part WHERE site_id = :site_id AND kind = :kind AND event_id IN ({names})"
        " ORDER BY event_id, position, created_at, id LIMIT :limit OFFSET :offset",
        site_id=site_id,
        kind=kind,
        limit=limit,
        offset=offset,
        **params,
    )
    return [_part(row) for row in rows]


def count(tx: Tx, site_id: str, kind: Kind, event_ids: Sequence[str]) -> int:
    """How many there are. An owner may have a few hundred."""
    names, params = listed("event_id", sorted(set(event_ids)))
    sql = f"SELECT COUNT(*) FROM event_part WHERE site_id = :site_id AND kind = :kind AND event_id IN ({names})"
    row = tx.one(sql, site_id=site_id, kind=kind, **params)
    return int(row[0]) if row else 0


def insert(tx: Tx, made: Part) -> None:
    """Keep a new one."""
    tx.execute(
        f"INSERT INTO event_part ({_PART}) VALUES (:site_id, :kind, :id, :event_id, :name, :position, :content, 1, :now, :now)",
        site_id=made.site_id,
        kind=made.kind,
        id=made.id,
        event_id=made.event_id,
        name=made.name,
        position=made.position,
        content=msgspec.json.encode(made.content).decode(),
        now=made.created_at,
    )


def replace_part(tx: Tx, wanted: Part, revision: int, now: int) -> bool:
    """Keep it as it is said to be now, if it still has this revision."""
    return (
        tx.execute(
            "UPDATE event_part SET name = :name, position = :position, content = :content, updated_at = :now, revision = revision + 1"
            " WHERE site_id = :site_id AND kind = :kind AND id = :id AND revision = :revision",
            site_id=wanted.site_id,
            kind=wanted.kind,
            id=wanted.id,
            name=wanted.name,
            position=wanted.position,
            content=msgspec.json.encode(wanted.content).decode(),
            revision=revision,
            now=now,
        )
        == 1
    )


def delete(tx: Tx, site_id: str, kind: Kind, part_id: str) -> bool:
    """True for exactly one caller. Events are not in a category any more that is gone."""
    if kind == "category":
        sql = "DELETE FROM event_in_category WHERE site_id = :site_id AND category_id = :id"
        tx.execute(sql, site_id=site_id, id=part_id)
    sql = "DELETE FROM event_part WHERE site_id = :site_id AND kind = :kind AND id = :id"
    return tx.execute(sql, site_id=site_id, kind=kind, id=part_id) == 1


def delete_of_event(tx: Tx, site_id: str, event_id: str) -> None:
    """The policies and the schedule of an event that is deleted."""
    for kind in ("policy", "schedule_item"):
        sql = "DELETE FROM event_part WHERE site_id = :site_id AND kind = :kind AND event_id = :id"
        tx.execute(sql, site_id=site_id, kind=kind, id=event_id)


def hold(tx: Tx, site_id: str, kind: Kind, part_id: str) -> bool:
    """Keep it from being deleted until the transaction ends. False when it is gone."""
    sql = "UPDATE event_part SET revision = revision WHERE site_id = :site_id AND kind = :kind AND id = :id"
    return tx.execute(sql, site_id=site_id, kind=kind, id=part_id) == 1


def set_categories(tx: Tx, site_id: str, event_id: str, category_ids: Sequence[str]) -> None:
    """The event is in these, and in no other."""
    tx.execute("DELETE FROM event_in_category WHERE site_id = :site_id AND event_id = :event_id", site_id=site_id, event_id=event_id)
    for category_id in category_ids:
        sql = "INSERT INTO event_in_category (site_id, event_id, category_id) VALUES (:site_id, :event_id, :category_id)"
        tx.execute(sql, site_id=site_id, event_id=event_id, category_id=category_id)


def categories_of(tx: Tx, site_id: str, event_ids: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
    """Id and name of the categories that these events are in, by event."""
    if not event_ids:
        return {}
    names, params = listed("event_id", sorted(set(event_ids)))
    rows = tx.all(
        "SELECT link.event_id, part.id, part.name FROM event_in_category AS link JOIN event_part AS part ON part.site_id = link.site_id"
        f" AND part.kind = 'category' AND part.id = link.category_id WHERE link.site_id = :site_id AND link.event_id IN ({names})"
        " ORDER BY link.event_id, part.position, part.id",
        site_id=site_id,
        **params,
    )
    found: dict[str, list[tuple[str, str]]] = {}
    for event_id, part_id, name in rows:
        found.setdefault(event_id, []).append((part_id, name))
    return found


def _part(row: Row) -> Part:
    return Part(row[0], row[1], row[2], row[3], row[4], row[5], _decode(row[6]), row[7], row[8], row[9])
