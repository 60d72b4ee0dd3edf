"""Importing products from a file: all of them or none."""

from __future__ import annotations

import asyncio

from roundtrip.api.operation import KEYS, Call, Operation
from roundtrip.api.product_rows import MOST_BYTES, read_rows
from roundtrip.api.settings_calls import change_of
from roundtrip.api.wire import Wire
from roundtrip.core.errors import invalid_field
from roundtrip.core.ids import new_id
from roundtrip.ecom.catalogue.importing import Row, import_products
from roundtrip.storage.database import Tx


class Imported(Wire, omit_defaults=False):
    """The products that were made, in the order of the rows; with `dryRun`, how many would have been."""

    count: int
    product_ids: list[str]


class _OnlyTriedError(Exception):
    """Undoes a transaction that was only to be tried."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.count = count


async def import_(call: Call) -> Imported:
    """Make a product of every row of a CSV file."""
    dry = call.query.get("dryRun", "false")
    if dry not in ("true", "false"):
        raise invalid_field("dryRun", f"must be true or false (received {dry[:20]!r})", "FORMAT")
    rows = await asyncio.to_thread(read_rows, await call.read_upload())  # seconds, if somebody wants it so; others are not kept waiting
    try:
        made = await call.write(_import, call, rows, dry == "true", new_id(call.now))
    except _OnlyTriedError as tried:
        return Imported(tried.count, [])
    return Imported(len(made), made)


def _import(tx: Tx, call: Call, rows: list[Row], is_dry: bool, entry_id: str) -> list[str]:
    actor = change_of(tx, call, entry_id).actor
    made = import_products(tx, call.site_id, rows, actor, call.now)
    if is_dry:
        raise _OnlyTriedError(len(made))
    return [one.id for one in made]


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        name="ImportProducts",
        method="POST",
        paths=("/api/v1/products/import",),
        summary="Make a product of every row of a CSV file (the body, at most 5 MiB and 1000 rows): all of them, or none.",
        run=import_,
        permission="catalogue.manage",
        callers=KEYS,
        response=Imported,
        upload=MOST_BYTES,
        query=(("dryRun", "`true`: say what is wrong, or how many there would be, and keep nothing."),),
        query_schemas={"dryRun": {"type": "string", "enum": ["true", "false"]}},
        errors=("NOT_A_CSV_FILE", "PRODUCTS_REFUSED"),
    ),
)
