"""Goods, places and people as they are told to the person whom they are about (OPS-08). Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from roundtrip.ecom.address import Recipient
from roundtrip.ecom.quote import Wanted


def recipient(who: Recipient | None) -> dict[str, str] | None:
    """Who is at an address, and the address; what is not known is left out."""
    if who is None:
        return None
    contact, address = who.contact, who.address
    known = {
        "firstName": contact.first_name,
        "lastName": contact.last_name,
        "company": contact.company,
        "phone": contact.phone,
        "line": address.line,
        "line2": address.line2,
        "postalCode": address.postal_code,
        "city": address.city,
        "subdivision": address.subdivision,
        "country": address.country,
    }
    return {name: value for name, value in known.items() if value}


def wanted(lines: Iterable[Wanted]) -> list[dict[str, Any]]:
    """What somebody wants to buy, as they chose it."""
    return [{"item_id": line.reference.item_id, "options": dict(line.reference.options), "quantity": line.quantity} for line in lines]


def said(**fields: object) -> dict[str, Any]:
    """Only what was said: what is empty says nothing."""
    return {name: value for name, value in fields.items() if value not in (None, "", [], {})}
