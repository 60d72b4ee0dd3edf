"""Many products at once: all of them, or none and a list of what is wrong with which row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from roundtrip.core.errors import AppError, Kind, Violation
from roundtrip.core.identity import Actor
from roundtrip.core.ids import new_id
from roundtrip.ecom.catalogue import actions
from roundtrip.ecom.catalogue.collections import store as collections
from roundtrip.ecom.catalogue.model import Product
from roundtrip.sites.change import Change
from roundtrip.storage.database import Tx

MOST_ROWS = 1000
MOST_TOLD = 100
"""Violations in one answer."""
COLLECTIONS = "collections"
"""The field of a row that names collections by slug; those of products name them by id."""


@dataclass(frozen=True, slots=True)
class Row:
    """One product to be. `line` is where it stands in the file, from 1; `fields` as `actions.create` takes them, and `collections`."""

    line: int
    fields: Mapping[str, Any]


def import_products(tx: Tx, site_id: str, rows: Sequence[Row], actor: Actor, now: int) -> list[Product]:
    """Make a product of every row. Raises INVALID `PRODUCTS_REFUSED` with what is wrong with each row; nothing is kept then."""
    made: list[Product] = []
    wrong: list[Violation] = []
    ids = collections.ids_of_slugs(tx, site_id, sorted({slug for row in rows for slug in row.fields.get(COLLECTIONS, ())}))
    for number, row in enumerate(rows):
        try:
            made.append(_create(tx, site_id, row, ids, Change(new_id(now), actor, now)))
        except AppError as error:
            wrong += of_row(error, number, row.line)
    if wrong:
        raise refused(wrong)
    return made


def _create(tx: Tx, site_id: str, row: Row, ids: Mapping[str, str], change: Change) -> Product:
    fields = {name: value for name, value in row.fields.items() if name != COLLECTIONS}
    slugs = row.fields.get(COLLECTIONS, ())
    unknown = next((slug for slug in slugs if slug not in ids), None)
    if unknown is not None:
        raise AppError(Kind.NOT_FOUND, "COLLECTION_NOT_FOUND", f"There is no collection with the slug {unknown[:100]!r}; make it first.")
    if slugs:
        fields["collectionIds"] = [ids[slug] for slug in slugs]
    now = change.now
    return actions.create(tx, site_id, fields, product_id=new_id(now), fresh=lambda: new_id(now), change=change)


def of_row(error: AppError, number: int, line: int) -> list[Violation]:
    """What was wrong with one row: `rows[0].price`, with the line of the file."""
    place = f"rows[{number}]"
    if not error.violations:
        return [Violation(place, f"(line {line}) {error.description}", "OTHER", {"line": line, "code": error.code})]
    return [
        Violation(f"{place}.{one.field}", f"(line {line}) {one.description}", one.rule, {**one.data, "line": line})
        for one in error.violations
    ]


def refused(wrong: Sequence[Violation]) -> AppError:
    """The refusal of a whole file; the first hundred of what is wrong with it."""
    text = f"Nothing was imported: {len(wrong)} of the rows' fields are wrong. The first: {wrong[0].field} {wrong[0].description}"
    return AppError(Kind.INVALID, "PRODUCTS_REFUSED", text, violations=wrong[:MOST_TOLD])
