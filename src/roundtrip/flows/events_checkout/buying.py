"""What the steps of buying tickets share: the reservation of a visit, the guest forms, and the summary beside every step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from roundtrip.core.clock import SECOND
from roundtrip.core.money import Money
from roundtrip.ecom.goods import Picture
from roundtrip.events.event import store as events
from roundtrip.events.event.model import Event
from roundtrip.events.orders.model import Amounts, Answer, Guest, Order, amounts_of
from roundtrip.events.reservations import store as reservations
from roundtrip.events.reservations.model import Line, Reservation
from roundtrip.flows.base import Context, Form
from roundtrip.flows.events_checkout.draft import TicketsDraft
from roundtrip.flows.steps.buying import picture
from roundtrip.flows.steps.person import said
from roundtrip.storage.database import Tx
from roundtrip.text import when
from roundtrip.text.catalogue import say
from roundtrip.text.marks import marked
from roundtrip.workflows.order_tickets import Quote, quote

YOUR_TICKETS = marked("Your tickets")
WHEN, WHERE, ONLINE = marked("When"), marked("Where"), marked("Online")
TO_BE_DECIDED = marked("To be decided")
FREE = marked("Free")


def quoted(tx: Tx, draft: TicketsDraft, context: Context[Any]) -> Quote:
    """What the visit wants to buy, with the prices of when it was reserved. Only for a visit that is not `over`."""
    reservation = reservations.get(tx, context.site.id, draft.reservation_id)
    assert reservation is not None  # the flow's `refresh` has just seen it
    event = events.get(tx, context.site.id, reservation.event_id)
    assert event is not None  # the same
    return quote(tx, event, reservation, draft.coupon, draft.person or "", context.now)


def kept(reservation: Reservation, now: int) -> Mapping[str, object]:
    """How long it is still kept, for `components/kept.html`."""
    seconds = max(0, (reservation.expires_at - now) // SECOND)
    return {"seconds": seconds, "words": f"{seconds // 60}:{seconds % 60:02d}"}


def facts(event: Event, language: str) -> list[dict[str, str]]:
    """When and where, each with a name."""
    found = [(WHEN, time_words(event.starts_at, event.ends_at, event.zone, language, is_tbd=event.is_tbd))]
    place = event.terms.place
    found.append((WHERE, say(language, ONLINE) if place.is_online else "" if place.is_tbd else place.words))
    return [{"name": say(language, name), "value": value} for name, value in found if value]


def time_words(start: int, end: int, zone: str, language: str, *, is_tbd: bool) -> str:
    """When it takes place, by the clock of the place."""
    return say(language, TO_BE_DECIDED) if is_tbd else when.when(start, end, zone, language)


def summary(found: Quote, language: str) -> Mapping[str, object]:
    """What stands beside the steps."""
    code = found.coupon.code if found.coupon else None
    return _summary(found.event, found.reservation.lines, amounts_of(found.invoice), found.invoice.total.currency, code, language)


def summary_of_order(event: Event | None, order: Order, language: str) -> Mapping[str, object]:
    """The same of what was ordered."""
    content = order.content
    code = content.coupon.code if content.coupon else None
    return _summary(event, content.lines, content.amounts, order.currency, code, language)


def _summary(
    event: Event | None, lines: tuple[Line, ...], amounts: Amounts, currency: str, coupon: str | None, language: str
) -> Mapping[str, object]:
    def money(text: str) -> Money:
        return Money.parse(text, currency)

    image = event.terms.image if event else None
    small = picture(Picture(image.picture_id, image.url, image.width, image.height, image.alt)) if image else None
    shown = [
        {
            "name": f"{line.name} ({line.option_name})" if line.option_name else line.name,
            "unit": money(line.unit) or say(language, FREE),
            "full_unit": None,
            "quantity": line.quantity,
            "amount": money(line.unit) * line.quantity,
            "details": facts(event, language) if number == 0 and event is not None else [],
            "picture": small if number == 0 else None,
            "left": None,
        }
        for number, line in enumerate(lines)
    ]
    discount, fees, tax = money(amounts.discount), money(amounts.fees), money(amounts.tax)
    return {
        "title": event.title if event is not None else say(language, YOUR_TICKETS),
        "lines": shown,
        "subtotal": money(amounts.subtotal),
        "discount": -discount if discount else None,
        "coupon": coupon,
        "delivery": None,
        "fees": fees or None,
        "tax": tax or None,
        "tax_included": not amounts.adds_tax,
        "total": money(amounts.total),
    }


def guest_fields(event: Event, reservation: Reservation) -> list[tuple[int, Line]]:
    """Number and line of each ticket that has a form of its own; none where one form is for all."""
    if not event.terms.separately:
        return []
    places: Iterator[Line] = (line for line in reservation.lines for _ in range(line.quantity))
    return list(enumerate(places))


def buyer_in(typed: Form, event: Event) -> Guest:
    """Who buys, as they typed it."""
    answers = [] if event.terms.separately else _answers(typed, event, "answer")
    return Guest(said(typed, "first_name"), said(typed, "last_name"), said(typed, "email"), said(typed, "phone"), tuple(answers))


def guests_in(typed: Form, event: Event, reservation: Reservation) -> tuple[Guest, ...]:
    """Who comes with each ticket; where one form is for all, the buyer stands for everybody."""
    numbered = guest_fields(event, reservation)
    if not numbered:
        buyer = buyer_in(typed, event)
        only_name = Guest(buyer.first_name, buyer.last_name, buyer.email)
        return tuple(only_name for line in reservation.lines for _ in range(line.quantity))
    return tuple(
        Guest(
            said(typed, f"guest_{number}_first_name"),
            said(typed, f"guest_{number}_last_name"),
            said(typed, f"guest_{number}_email"),
            "",
            tuple(_answers(typed, event, f"guest_{number}_answer")),
        )
        for number, _ in numbered
    )


def _answers(typed: Form, event: Event, prefix: str) -> list[Answer]:
    return [
        Answer(question.title, text) for number, question in enumerate(event.terms.questions) if (text := said(typed, f"{prefix}_{number}"))
    ]
