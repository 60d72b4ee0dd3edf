"""SQL of categories, locations, staff members and policies, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from roundtrip.bookings.parts.model import CONTENTS, Content, Part, PartKind
from roundtrip.query.listed import listed
from roundtrip.storage.database import Row, Tx, Value

_PART = "part.site_id, part.kind, part.id, part.name, part.position, part.content, part.revision, part.created_at, part.updated_at"
_encode = msgspec.json.Encoder().encode
_decoders: dict[PartKind, msgspec.json.Decoder[Any]] = {kind: msgspec.json.Decoder(content) for kind, content in CONTENTS.items()}


def part(tx: Tx, site_id: str, kind: PartKind, part_id: str) -> Part[Any] | None:
    """One part of this kind."""
    sql = f"SELECT {_PART} FROM booking_part AS part WHERE part.site_id = :site_id AND part.kind = :kind AND part.id = :id"
    row = tx.one(sql, site_id=site_id, kind=kind.value, id=part_id)
    return of_row(row) if row else None


def page(tx: Tx, site_id: str, kind: PartKind, limit: int, offset: int) -> list[Part[Any]]:
    """Parts of this kind in the owner's order, the oldest first where that says nothing."""
    rows = tx.all(
        f"SELECT {_PART} FROM booking_part AS part WHERE part.site_id = :site_id AND part.kind = :kind"
        " ORDER BY part.position, part.created_at, part.id LIMIT :limit OFFSET :offset",
        site_id=site_id,
        kind=kind.value,
        limit=limit,
        offset=offset,
    )
    return [of_row(row) for row in rows]


def count(tx: Tx, site_id: str, kind: PartKind) -> int:
    """How many there are of this kind. An owner may have a few hundred."""
    row = tx.one("SELECT COUNT(*) FROM booking_part WHERE site_id = :site_id AND kind = :kind", site_id=site_id, kind=kind.value)
    return int(row[0]) if row else 0


def of_services(tx: Tx, site_id: str, service_ids: Sequence[str]) -> dict[str, list[Part[Any]]]:
    """The parts of these services in their order, by service. One read; give at most a few hundred."""
    if not service_ids:
        return {}
    names, params = listed("service_id", service_ids)
    rows = tx.all(
        f"SELECT {_PART}, link.service_id FROM service_part AS link JOIN booking_part AS part"
        " ON part.site_id = link.site_id AND part.kind = link.kind AND part.id = link.part_id"
        f" WHERE link.site_id = :site_id AND link.service_id IN ({names}) ORDER BY link.service_id, link.kind, link.place",
        site_id=site_id,
        **params,
    )
    found: dict[str, list[Part[Any]]] = {}
    for row in rows:
        found.setdefault(row[-1], []).append(of_row(row))
    return found


def hold(tx: Tx, site_id: str, kind: PartKind, part_id: str) -> bool:
    """Keep a part from being changed or deleted until this transaction ends. False when it is gone."""
    sql = "UPDATE booking_part SET revision = revision WHERE site_id = :site_id AND kind = :kind AND id = :id"
    return tx.execute(sql, site_id=site_id, kind=kind.value, id=part_id) == 1


def is_used(tx: Tx, site_id: str, kind: PartKind, part_id: str) -> bool:
    """Whether a service has it, or sessions do."""
    row = tx.one(
        "SELECT 1 FROM service_part WHERE site_id = :site_id AND kind = :kind AND part_id = :id LIMIT 1",
        site_id=site_id,
        kind=kind.value,
        id=part_id,
    )
    if row is None and kind is PartKind.STAFF:
        row = tx.one("SELECT 1 FROM session_series WHERE site_id = :site_id AND staff_id = :id LIMIT 1", site_id=site_id, id=part_id)
    return row is not None


def insert(tx: Tx, made: Part[Content]) -> bool:
    """Keep a new part. False when there is one with this id."""
    return (
        tx.execute(
            "INSERT INTO booking_part (site_id, kind, id, name, name_key, position, content, revision, created_at, updated_at)"
            " VALUES (:site_id, :kind, :id, :name, :name_key, :position, :content, 1, :now, :now) ON CONFLICT DO NOTHING",
            **_values(made),
            now=made.created_at,
        )
        == 1
    )


def replace_part(tx: Tx, wanted: Part[Content], revision: int, now: int) -> bool:
    """Keep a part as it is now, if it still has this revision."""
    return (
        tx.execute(
            "UPDATE booking_part SET name = :name, name_key = :name_key, position = :position, content = :content, updated_at = :now,"
            " revision = revision + 1 WHERE site_id = :site_id AND kind = :kind AND id = :id AND revision = :revision",
            **_values(wanted),
            revision=revision,
            now=now,
        )
        == 1
    )


def delete(tx: Tx, site_id: str, kind: PartKind, part_id: str) -> bool:
    """True for exactly one caller. Nothing may use it."""
    sql = "DELETE FROM booking_part WHERE site_id = :site_id AND kind = :kind AND id = :id"
    return tx.execute(sql, site_id=site_id, kind=kind.value, id=part_id) == 1


def _values(one: Part[Content]) -> dict[str, Value]:
    return {
        "site_id": one.site_id,
        "kind": one.kind.value,
        "id": one.id,
        "name": one.name,
        "name_key": one.name.casefold(),
        "position": one.position,
        "content": _encode(one.content).decode(),
    }


def of_row(row: Row) -> Part[Any]:
    """The part in the first columns of a row."""
    kind = PartKind(row[1])
    return Part(row[0], kind, row[2], row[3], row[4], _decoders[kind].decode(row[5]), row[6], row[7], row[8])
