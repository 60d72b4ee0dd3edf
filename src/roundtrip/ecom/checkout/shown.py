"""What a buyer has seen of a checkout, and what has changed since (PAY-09).

A page carries `seen(...)` in its form and hands it in again when the buyer agrees to pay. It is no secret and not signed: who changes it
only hides changes from themselves, because what is charged is always what the server works out then.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import msgspec

from roundtrip.core.money import Money
from roundtrip.ecom.quote import Quote

_LONGEST = 65_536


class What(StrEnum):
    """What changed. Prices of lines name the line; the others are about the whole."""

    PRICE = "price"
    GONE = "gone"
    DISCOUNT = "discount"
    DELIVERY = "delivery"
    TAX = "tax"
    TOTAL = "total"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. `name` is the line's, empty for the whole; `after` is None for a line that is not sold any more."""

    what: What
    name: str
    before: Money
    after: Money | None


class Shown(msgspec.Struct, frozen=True, omit_defaults=True):
    """Amounts as texts. `lines` holds name and unit price of each line by its id."""

    currency: str
    lines: Mapping[str, tuple[str, str]]
    discount: str
    delivery: str
    tax: str
    total: str


_decode = msgspec.json.Decoder(Shown).decode


def shown_of(quote: Quote) -> Shown:
    """What a page shows that is made from this quote."""
    totals = quote.totals
    return Shown(
        currency=totals.currency,
        lines={line.id: (good.name, good.unit.text) for line, good in quote.sold},
        discount=totals.discount.text,
        delivery=totals.delivery.price.text,
        tax=totals.tax.text,
        total=totals.total.text,
    )


def seen(quote: Quote) -> str:
    """The same as a text for a form."""
    return base64.urlsafe_b64encode(msgspec.json.encode(shown_of(quote))).decode()


def read(text: str) -> Shown | None:
    """What a form brought back; None for anything that no page of ours held."""
    try:
        return _decode(base64.b64decode(text, altchars=b"-_", validate=True)) if len(text) <= _LONGEST and text.isascii() else None
    except (binascii.Error, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def changes(before: Shown, quote: Quote) -> tuple[Change, ...]:
    """Everything that a buyer would want to know before paying; empty when nothing of it changed.

    A buyer's own changes (another quantity, another address) come with a new page; what is compared here is what others changed.
    """
    after = shown_of(quote)
    if before.currency != after.currency:
        return (Change(What.TOTAL, "", _money(before.total, before.currency), quote.total),)
    found = []
    for line_id, (name, unit) in before.lines.items():
        now = after.lines.get(line_id)
        if now is None:
            found.append(Change(What.GONE, name, _money(unit, before.currency), None))
        elif now[1] != unit:
            found.append(Change(What.PRICE, now[0], _money(unit, before.currency), _money(now[1], after.currency)))
    for what, old, new in (
        (What.DISCOUNT, before.discount, after.discount),
        (What.DELIVERY, before.delivery, after.delivery),
        (What.TAX, before.tax, after.tax),
        (What.TOTAL, before.total, after.total),
    ):
        if old != new:
            found.append(Change(what, "", _money(old, before.currency), _money(new, after.currency)))
    return tuple(found)


def _money(text: str, currency: str) -> Money:
    try:
        return Money.parse(text, currency)
    except ValueError:
        return Money.zero(currency)
