"""What was written down for a mail about an order, a booking, an event or a plan, in words of the mail's language.

Made when the mail is sent, not in the transaction that wanted it: a price that can't be put into words may cost a mail, never a payment.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from roundtrip.core.money import Money
from roundtrip.text.mail_words import BookingWords, EventWords, OrderWords, PlanWords
from roundtrip.text.when import day, when


def order_words(values: Mapping[str, str], language: str) -> OrderWords:
    """What `workflows/order_mails.py` wrote down about an order."""
    lines = msgspec.json.decode(values.get("lines", "[]"), type=tuple[tuple[str, str, str], ...])
    return OrderWords(
        number=values["number"],
        total=_amount(values["total"], values, language),
        lines=tuple((name, number, _amount(price, values, language)) for name, number, price in lines),
        tax=_amount(values.get("tax", ""), values, language),
        delivery=_amount(values.get("delivery", ""), values, language),
        delivery_title=values.get("deliveryTitle", ""),
        refund=_amount(values.get("refund", ""), values, language),
        carrier=values.get("carrier", ""),
        tracking=values.get("tracking", ""),
        pays_later="paysLater" in values,
    )


def booking_words(values: Mapping[str, str], language: str) -> BookingWords:
    """What `workflows/booking_mails.py` wrote down about a booking."""
    kept = ("service", "staff", "place", "participants", "message", "phone", "email")
    at, there = _times(values, language)
    return BookingWords(
        **{name: values.get(name, "") for name in kept},
        when=at,
        there=there,
        price=_amount(values.get("price", ""), values, language),
        to_pay="toPay" in values,
    )


def event_words(values: Mapping[str, str], language: str) -> EventWords:
    """What `workflows/event_mails.py` wrote down about tickets, or about an answer. An event may have no time yet."""
    lines = msgspec.json.decode(values.get("lines", "[]"), type=tuple[tuple[str, str, str], ...])
    kept = ("title", "place", "number", "guests", "email")
    return EventWords(
        **{name: values.get(name, "") for name in kept},
        when=when(int(values["starts"]), int(values["ends"]), values["zone"], language) if "starts" in values else "",
        total=_amount(values.get("total", ""), values, language),
        lines=tuple((name, guest, _amount(price, values, language)) for name, guest, price in lines),
        to_pay="toPay" in values,
    )


def plan_words(values: Mapping[str, str], language: str) -> PlanWords:
    """What `workflows/plan_mails.py` wrote down about an order of a plan."""
    price = _amount(values.get("price", ""), values, language)
    starts, following, ends, retry = (
        day(int(values[name]), values.get("zone", "UTC"), language) if name in values else ""
        for name in ("starts", "next", "ends", "retry")
    )
    return PlanWords(values["plan"], price, price if "paid" in values else "", starts, following, ends, retry)


def _amount(text: str, values: Mapping[str, str], language: str) -> str:
    """Without a currency they are words already: of a mail that an earlier version wrote down."""
    currency = values.get("currency")
    return Money.parse(text, currency).words(language) if text and currency else text


def _times(values: Mapping[str, str], language: str) -> tuple[str, str]:
    """By the clock of who reads it; and by that of the business, where it is another."""
    if "when" in values:  # written down by an earlier version
        return values["when"], values.get("there", "")
    start, end, business = int(values["starts"]), int(values["ends"]), values["businessZone"]
    zone = values.get("zone") or business
    return when(start, end, zone, language), when(start, end, business, language) if zone != business else ""
