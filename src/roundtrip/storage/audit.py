"""What owners changed: who, when, what it was and what it is (OPS-02). Written in the transaction of the change; rows never change.

Which actions there are is decided where they happen; secrets never come here, not even as a hash.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from roundtrip.core.identity import Actor
from roundtrip.storage.database import Row, Tx, Value

_COLUMNS = "id, site_id, at, actor_kind, actor_id, actor_name, action, object_id, object_name, before, after"
_encode = msgspec.json.Encoder(order="sorted").encode
_decode = msgspec.json.Decoder(dict[str, Any]).decode


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One change. `action` is an object and a verb in the past (`client.updated`); `before` and `after` hold only what differs."""

    id: str
    site_id: str | None
    at: int
    actor: Actor
    action: str
    object_id: str
    object_name: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None


def record(tx: Tx, entry: AuditEntry) -> None:
    """Keep one entry. Its id comes from `core.ids.new_id(now)`, so that the order of ids is the order of time."""
    tx.execute(
        f"INSERT INTO audit_entry ({_COLUMNS}) VALUES (:id, :site_id, :at, :actor_kind, :actor_id, :actor_name, :action, :object_id, "
        ":object_name, :before, :after)",
        id=entry.id,
        site_id=entry.site_id,
        at=entry.at,
        actor_kind=entry.actor.kind,
        actor_id=entry.actor.id,
        actor_name=entry.actor.name,
        action=entry.action,
        object_id=entry.object_id,
        object_name=entry.object_name,
        before=None if entry.before is None else _encode(entry.before).decode(),
        after=None if entry.after is None else _encode(entry.after).decode(),
    )


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The part of two pictures of one thing in which they differ."""
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return {name: before.get(name) for name in names}, {name: after.get(name) for name in names}


def page(tx: Tx, *, site_id: str | None, before_id: str | None, limit: int, object_id: str | None = None) -> Sequence[AuditEntry]:
    """Up to `limit` entries of a site and of the installation, newest first, older than `before_id`; or only those about one object."""
    about = " AND object_id = :object_id" if object_id else ""
    wanted = f"AND id < :before_id{about} ORDER BY id DESC LIMIT :limit"
    # Two short walks along one index, whatever is stored; an OR would read both parts whole before it sorts them.
    of_site = f"SELECT * FROM (SELECT {_COLUMNS} FROM audit_entry WHERE site_id = :site_id {wanted}) AS of_site"
    of_all = f"SELECT * FROM (SELECT {_COLUMNS} FROM audit_entry WHERE site_id IS NULL {wanted}) AS of_all"
    params: dict[str, Value] = {"site_id": site_id or "", "before_id": before_id or "g", "limit": limit}
    if object_id is not None:
        params["object_id"] = object_id
    return [_entry(row) for row in tx.all(f"{of_site} UNION ALL {of_all} ORDER BY id DESC LIMIT :limit", **params)]


def entry(tx: Tx, entry_id: str) -> AuditEntry | None:
    """One entry by its id, or None."""
    row = tx.one(f"SELECT {_COLUMNS} FROM audit_entry WHERE id = :id", id=entry_id)
    return _entry(row) if row else None


def _entry(row: Row) -> AuditEntry:
    before, after = (None if text is None else _decode(text) for text in row[9:])
    return AuditEntry(row[0], row[1], row[2], Actor(row[3], row[4], row[5]), row[6], row[7], row[8], before, after)
