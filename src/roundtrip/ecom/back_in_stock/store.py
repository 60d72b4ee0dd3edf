"""SQL of requests to be told when goods are back, and nothing else."""

from __future__ import annotations

import msgspec

from roundtrip.core.email import email_key
from roundtrip.ecom.back_in_stock.model import Due, Request, Status
from roundtrip.ecom.goods import Reference
from roundtrip.query.model import Page, Query
from roundtrip.query.store import Source, run
from roundtrip.storage.database import Row, Tx

_COLUMNS = "id, site_id, client_id, email, app_id, product_id, variant_id, options, item_url, language, status, created_at, changed_at"
_IS_THERE = "CASE WHEN tracked THEN quantity > 0 ELSE in_stock END"
_options = msgspec.json.Decoder(dict[str, object]).decode


def hold_sold_out(tx: Tx, site_id: str, product_id: str, variant_id: str) -> bool:
    """Keep a variant as it is until this transaction ends: whoever fills the shelf then finds who waits. False when it is in stock."""
    return (
        tx.execute(
            "UPDATE product_variant SET quantity = quantity"
            f" WHERE site_id = :site_id AND product_id = :product_id AND id = :variant_id AND NOT ({_IS_THERE})",
            site_id=site_id,
            product_id=product_id,
            variant_id=variant_id,
        )
        == 1
    )


def waits_for(tx: Tx, site_id: str, email: str, most: int) -> int:
    """How many things an address waits for, counted up to `most`."""
    row = tx.one(
        "SELECT COUNT(*) FROM (SELECT 1 FROM back_in_stock_request WHERE site_id = :site_id AND email_key = :email_key"
        " AND status = 'RECEIVED' LIMIT :most) AS waiting",
        site_id=site_id,
        email_key=email_key(email),
        most=most,
    )
    return int(row[0]) if row else 0


def insert(tx: Tx, made: Request) -> bool:
    """Keep a new request. False when this address waits for this already."""
    return (
        tx.execute(
            f"INSERT INTO back_in_stock_request ({_COLUMNS}, email_key) VALUES (:id, :site_id, :client_id, :email, :app_id, :product_id,"
            " :variant_id, :options, :item_url, :language, :status, :created_at, :changed_at, :email_key) ON CONFLICT DO NOTHING",
            id=made.id,
            site_id=made.site_id,
            client_id=made.client_id,
            email=made.email,
            email_key=email_key(made.email),
            app_id=made.reference.app_id,
            product_id=made.product_id,
            variant_id=made.variant_id,
            options=made.reference.options_text,
            item_url=made.item_url,
            language=made.language,
            status=made.status.value,
            created_at=made.created_at,
            changed_at=made.changed_at,
        )
        == 1
    )


def get(tx: Tx, site_id: str, request_id: str) -> Request | None:
    """A request of this site."""
    row = tx.one(f"SELECT {_COLUMNS} FROM back_in_stock_request WHERE id = :id AND site_id = :site_id", id=request_id, site_id=site_id)
    return _request(row) if row else None


def query(tx: Tx, site_id: str, wanted: Query) -> tuple[Page, list[Request]]:
    """A page of the requests of a site."""
    page = run(tx, Source(_COLUMNS, "back_in_stock_request", "site_id = :site_id", {"site_id": site_id}), wanted)
    return page, [_request(row) for row in page.rows]


def delete(tx: Tx, site_id: str, request_id: str) -> bool:
    """Delete a request. True for exactly one caller."""
    return tx.execute("DELETE FROM back_in_stock_request WHERE id = :id AND site_id = :site_id", id=request_id, site_id=site_id) == 1


def note_return(tx: Tx, site_id: str, product_id: str) -> None:
    """Write down which variants of a product are there while somebody waits for them. For whoever has just put something on a shelf."""
    tx.execute(
        "INSERT INTO back_in_stock_due (site_id, product_id, variant_id, version)"
        " SELECT shelf.site_id, shelf.product_id, shelf.id, 1 FROM product_variant AS shelf"
        f" WHERE shelf.site_id = :site_id AND shelf.product_id = :product_id AND {_IS_THERE}"
        " AND EXISTS (SELECT 1 FROM back_in_stock_request AS asked WHERE asked.site_id = shelf.site_id"
        " AND asked.product_id = shelf.product_id AND asked.variant_id = shelf.id AND asked.status = 'RECEIVED')"
        # Counted, and not passed over: whoever is about to strike the line off does so only if nothing came in meanwhile.
        " ON CONFLICT (site_id, product_id, variant_id) DO UPDATE SET version = back_in_stock_due.version + 1",
        site_id=site_id,
        product_id=product_id,
    )


def due(tx: Tx, limit: int) -> list[Due]:
    """Variants that came back, of every site. A read of a table that is nearly always empty."""
    rows = tx.all("SELECT site_id, product_id, variant_id, version FROM back_in_stock_due LIMIT :limit", limit=limit)
    return [Due(*row) for row in rows]


def move_waiting(tx: Tx, due: Due, now: int, limit: int) -> list[Request]:
    """Those who are told now, at most `limit`. Each request is moved by exactly one caller."""
    rows = tx.all(
        "UPDATE back_in_stock_request SET status = 'NOTIFICATION_SENT', changed_at = :now WHERE status = 'RECEIVED' AND id IN"
        " (SELECT id FROM back_in_stock_request WHERE site_id = :site_id AND product_id = :product_id AND variant_id = :variant_id"
        f" AND status = 'RECEIVED' ORDER BY email_key LIMIT :limit) RETURNING {_COLUMNS}",
        now=now,
        site_id=due.site_id,
        product_id=due.product_id,
        variant_id=due.variant_id,
        limit=limit,
    )
    return sorted((_request(row) for row in rows), key=lambda request: request.id)


def strike_off(tx: Tx, due: Due) -> bool:
    """There is nothing left to tell about it. False when it came back once more meanwhile."""
    return _strike_off(tx, due)


def strike_off_told(tx: Tx, due: Due) -> bool:
    """The same, unless somebody still waits: another worker may have told those whom this one was about to tell."""
    return _strike_off(
        tx,
        due,
        " AND NOT EXISTS (SELECT 1 FROM back_in_stock_request WHERE site_id = :site_id AND product_id = :product_id"
        " AND variant_id = :variant_id AND status = 'RECEIVED')",
    )


def _strike_off(tx: Tx, due: Due, only_if: str = "") -> bool:
    return (
        tx.execute(
            "DELETE FROM back_in_stock_due WHERE site_id = :site_id AND product_id = :product_id AND variant_id = :variant_id"
            f" AND version = :version{only_if}",
            site_id=due.site_id,
            product_id=due.product_id,
            variant_id=due.variant_id,
            version=due.version,
        )
        == 1
    )


def forget_product(tx: Tx, site_id: str, product_id: str) -> None:
    """Nobody waits any more for a product that was deleted."""
    for table in ("back_in_stock_request", "back_in_stock_due"):
        tx.execute(f"DELETE FROM {table} WHERE site_id = :site_id AND product_id = :product_id", site_id=site_id, product_id=product_id)


def forget(tx: Tx, before: int, limit: int) -> int:
    """Delete requests that were made or answered long ago; answers how many."""
    return tx.execute(
        "DELETE FROM back_in_stock_request WHERE id IN"
        " (SELECT id FROM back_in_stock_request WHERE changed_at <= :before ORDER BY changed_at LIMIT :limit)",
        before=before,
        limit=limit,
    )


def of_person(tx: Tx, site_id: str, key: str) -> list[Request]:
    """Every request of an address, by its key."""
    rows = tx.all(
        f"SELECT {_COLUMNS} FROM back_in_stock_request WHERE site_id = :site_id AND email_key = :key ORDER BY id", site_id=site_id, key=key
    )
    return [_request(row) for row in rows]


def delete_of_person(tx: Tx, site_id: str, key: str) -> int:
    """Delete them; answers how many."""
    return tx.execute("DELETE FROM back_in_stock_request WHERE site_id = :site_id AND email_key = :key", site_id=site_id, key=key)


def _request(row: Row) -> Request:
    id_, site_id, client_id, email, app_id, product_id, variant_id, options, item_url, language, status, created_at, changed_at = row
    reference = Reference(app_id, product_id, _options(options))
    return Request(id_, site_id, client_id, email, reference, variant_id, item_url, language, Status(status), created_at, changed_at)
