"""SQL of kinds of tickets, and of how many are taken."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from roundtrip.events.tickets.model import Definition, Terms
from roundtrip.query.fields import Field, Fields, Kind
from roundtrip.query.listed import listed
from roundtrip.query.model import Page, Query
from roundtrip.query.store import Source, run
from roundtrip.storage.database import Row, Tx, Value

_DEFINITION = (
    "definition.site_id, definition.id, definition.event_id, definition.name, definition.hidden, definition.position, definition.stock,"
    " definition.taken, definition.sold, definition.terms, definition.revision, definition.created_at, definition.updated_at"
)
_TABLE = "ticket_definition AS definition"
_encode = msgspec.json.Encoder().encode
_terms = msgspec.json.Decoder(Terms).decode

DEFINITIONS: Final = Fields(
    {
        "id": Field(Kind.ID, "definition.id"),
        "eventId": Field(Kind.ID, "definition.event_id"),
        "event.id": Field(Kind.ID, "definition.event_id"),
        "name": Field(Kind.TEXT, "definition.name", folded="definition.name_key", sortable=False),
        "hidden": Field(Kind.BOOLEAN, "definition.hidden"),
        "sortIndex": Field(Kind.INTEGER, "definition.position", sortable=True),
        "createdDate": Field(Kind.TIME, "definition.created_at", sortable=True),
    },
    key="definition.id",
    default_sort=("sortIndex", "createdDate"),
)
"""What kinds of tickets can be asked for, in the words of the wire."""


def get(tx: Tx, site_id: str, definition_id: str) -> Definition | None:
    """A kind of ticket of this site."""
    row = tx.one(f"SELECT {_DEFINITION} FROM {_TABLE} WHERE site_id = :site_id AND id = :id", site_id=site_id, id=definition_id)
    return _definition(row) if row else None


def several(tx: Tx, site_id: str, ids: Sequence[str]) -> dict[str, Definition]:
    """Those of these that exist, by id. Give at most a few hundred."""
    if not ids:
        return {}
    names, params = listed("id", sorted(set(ids)))
    rows = tx.all(f"SELECT {_DEFINITION} FROM {_TABLE} WHERE site_id = :site_id AND id IN ({names})", site_id=site_id, **params)
    return {row[1]: _definition(row) for row in rows}


def of_events(tx: Tx, site_id: str, event_ids: Sequence[str], most: int = 1000) -> dict[str, list[Definition]]:
    """All kinds of tickets of these events, in the owner's order, by event. Give at most a few hundred."""
    if not event_ids:
        return {}
    names, params = listed("event_id", sorted(set(event_ids)))
    rows = tx.all(
        f"SELECT {_DEFINITION} FROM {_TABLE} WHERE site_id = :site_id AND event_id IN ({names})"
        " ORDER BY event_id, position, created_at, id LIMIT :most",
        site_id=site_id,
        most=most,
        **params,
    )
    found: dict[str, list[Definition]] = {}
    for row in rows:
        found.setdefault(row[2], []).append(_definition(row))
    return found


def count(tx: Tx, site_id: str, event_id: str) -> int:
    """How many kinds of tickets an event has."""
    sql = "SELECT COUNT(*) FROM ticket_definition WHERE site_id = :site_id AND event_id = :event_id"
    row = tx.one(sql, site_id=site_id, event_id=event_id)
    return int(row[0]) if row else 0


def query(tx: Tx, site_id: str, wanted: Query) -> tuple[Page, list[Definition]]:
    """A page of the kinds of tickets of a site."""
    page = run(tx, Source(_DEFINITION, _TABLE, "definition.site_id = :site_id", {"site_id": site_id}), wanted)
    return page, [_definition(row) for row in page.rows]


def insert(tx: Tx, made: Definition) -> bool:
    """False when the id is taken."""
    return (
        tx.execute(
            "INSERT INTO ticket_definition (site_id, id, event_id, name, name_key, hidden, position, stock, taken, sold, terms, revision,"
            " created_at, updated_at) VALUES (:site_id, :id, :event_id, :name, :name_key, :hidden, :position, :stock, 0, 0, :terms, 1,"
            " :created_at, :updated_at) ON CONFLICT DO NOTHING",
            **_values(made),
            event_id=made.event_id,
            created_at=made.created_at,
        )
        == 1
    )


def replace_definition(tx: Tx, wanted: Definition, revision: int) -> bool:
    """Keep it as it is said to be now, if it still has this revision. What is taken is left as it is counted."""
    return (
        tx.execute(
            "UPDATE ticket_definition SET name = :name, name_key = :name_key, hidden = :hidden, position = :position, stock = :stock,"
            " terms = :terms, updated_at = :updated_at, revision = revision + 1"
            " WHERE site_id = :site_id AND id = :id AND revision = :revision",
            **_values(wanted),
            revision=revision,
        )
        == 1
    )


def delete_untaken(tx: Tx, site_id: str, definition_id: str) -> bool:
    """Delete a kind of ticket that nobody has or keeps."""
    sql = "DELETE FROM ticket_definition WHERE site_id = :site_id AND id = :id AND taken = 0"
    return tx.execute(sql, site_id=site_id, id=definition_id) == 1


def take(tx: Tx, site_id: str, definition_id: str, tickets: int) -> int | None:
    """Count these as taken if there are so many: of many at once nobody gets what is not there. How many are left then; None: not taken.

    Who takes several kinds takes them in the order of their ids.
    """
    rows = tx.all(
        "UPDATE ticket_definition SET taken = taken + :tickets WHERE site_id = :site_id AND id = :id"
        " AND (stock IS NULL OR taken + :tickets <= stock) RETURNING COALESCE(stock - taken, 1)",
        site_id=site_id,
        id=definition_id,
        tickets=tickets,
    )
    return rows[0][0] if rows else None


def give_back(tx: Tx, site_id: str, definition_id: str, tickets: int, *, sold: int = 0) -> None:
    """These are free again; `sold` of them had been sold."""
    tx.execute(
        "UPDATE ticket_definition SET taken = taken - :tickets, sold = sold - :sold WHERE site_id = :site_id AND id = :id",
        site_id=site_id,
        id=definition_id,
        tickets=tickets,
        sold=sold,
    )


def count_sold(tx: Tx, site_id: str, definition_id: str, tickets: int) -> None:
    """What was held is sold."""
    sql = "UPDATE ticket_definition SET sold = sold + :tickets WHERE site_id = :site_id AND id = :id"
    tx.execute(sql, site_id=site_id, id=definition_id, tickets=tickets)


def _values(one: Definition) -> dict[str, Value]:
    return {
        "site_id": one.site_id,
        "id": one.id,
        "name": one.name,
        "name_key": one.name.casefold(),
        "hidden": one.hidden,
        "position": one.position,
        "stock": one.stock,
        "terms": _encode(one.terms).decode(),
        "updated_at": one.updated_at,
    }


def _definition(row: Row) -> Definition:
    return Definition(
        row[0], row[1], row[2], row[3], bool(row[4]), row[5], row[6], row[7], row[8], _terms(row[9]), row[10], row[11], row[12]
    )
