"""What this room keeps about a person: what they wait for, which is deleted (OPS-08)."""

from __future__ import annotations

from typing import Any

from roundtrip.ecom.back_in_stock import store
from roundtrip.ecom.handed_out import said
from roundtrip.storage.database import Tx
from roundtrip.storage.keeps import Keeps, Person


def _requests(tx: Tx, person: Person) -> list[dict[str, Any]]:
    return [
        said(
            id=one.id,
            email=one.email,
            product_id=one.product_id,
            options=dict(one.reference.options),
            item_url=one.item_url,
            language=one.language,
            status=one.status.value,
            created_at=one.created_at,
            changed_at=one.changed_at,
        )
        for one in store.of_person(tx, person.site_id, person.email_key)
    ]


def _erase(tx: Tx, person: Person) -> int:
    return store.delete_of_person(tx, person.site_id, person.email_key)


KEEPS = Keeps("back_in_stock_requests", ("back_in_stock_request",), _requests, _erase)
