"""What members bought, in their account."""

from __future__ import annotations

from collections.abc import Sequence

from roundtrip.ecom.orders import store
from roundtrip.ecom.orders.model import Fulfilment, Order, Payment, Status
from roundtrip.members.sections import MOST, Entry, Fact, Looking, Section, Tone
from roundtrip.storage.database import Tx
from roundtrip.text import when
from roundtrip.text.catalogue import say
from roundtrip.text.marks import marked

ORDER = marked("Order %(number)s")
CANCELED, REFUNDED, SENT = marked("Cancelled"), marked("Given back"), marked("Sent")
PAID, TO_PAY = marked("Paid"), marked("To be paid")
DAY, GOODS, BACK = marked("Ordered on"), marked("Goods"), marked("Given back")
LINE = marked("%(quantity)s × %(name)s")


def _entries(tx: Tx, looking: Looking) -> Sequence[Entry]:
    return [_entry(one, looking) for one in store.of_member(tx, looking.site.id, looking.member.id, MOST)]


def _entry(one: Order, looking: Looking) -> Entry:
    lang = looking.language
    words, tone = _state(one)
    goods = ", ".join(
        say(lang, LINE, quantity=line.quantity, name=line.name) if line.quantity > 1 else line.name for line in one.content.lines
    )
    facts = [(DAY, when.day(one.created_at, "UTC", lang)), (GOODS, goods)]
    if one.refunded_units and one.payment is not Payment.FULLY_REFUNDED:
        facts.append((BACK, one.refunded.words(lang)))
    return Entry(
        id=one.id,
        title=say(lang, ORDER, number=one.number),
        state=say(lang, words),
        tone=tone,
        amount=one.total,
        facts=tuple(Fact(say(lang, name), value) for name, value in facts if value),
    )


def _state(one: Order) -> tuple[str, Tone]:
    if one.status is Status.CANCELED:
        return CANCELED, Tone.BAD
    if one.payment is Payment.FULLY_REFUNDED:
        return REFUNDED, Tone.CALM
    if one.fulfilment is Fulfilment.FULFILLED:
        return SENT, Tone.GOOD
    return (PAID, Tone.GOOD) if one.is_paid else (TO_PAY, Tone.CALM)


SECTION = Section(name="ORDERS", place=30, title=marked("Orders"), empty=marked("You have not ordered anything yet."), entries=_entries)
