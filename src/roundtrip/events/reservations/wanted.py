"""What somebody wants to reserve, held against what is on sale: prices come from the owner, never from who asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from roundtrip.core.errors import AppError, Kind
from roundtrip.core.ids import derived_id
from roundtrip.core.money import Money, NotAnAmount
from roundtrip.events.event.model import Event
from roundtrip.events.reservations.model import MOST_LINES, Content, Line
from roundtrip.events.tickets.model import Definition, Fee, Pricing, SaleStatus

MOST_GIVEN = 1_000_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """So many tickets of one kind; `option_id` where there are several prices, `given` where the guest decides, as text."""

    definition_id: str
    quantity: int
    option_id: str = ""
    given: str = ""


def content_of(event: Event, known: dict[str, Definition], wanted: Sequence[Wanted], reservation_id: str, now: int) -> Content:
    """What is to be kept, with today's prices.

    Raises NOT_FOUND `TICKET_DEFINITION_NOT_FOUND`, INVALID `UNSUPPORTED_PRICING_OPTION`, `INVALID_TICKET_PRICE`, `NO_TICKETS`, CONFLICT
    `TICKETS_NOT_ON_SALE`, `TICKET_LIMIT_EXCEEDED`.
    """
    if not wanted or len(wanted) > MOST_LINES or any(one.quantity < 1 for one in wanted):
        text = f"A reservation is of 1 to {MOST_LINES} kinds of tickets, and of at least one ticket of each."
        raise AppError(Kind.INVALID, "NO_TICKETS", text)
    lines = []
    for place, one in enumerate(wanted):
        definition = known.get(one.definition_id)
        if definition is None or definition.event_id != event.id or definition.hidden:
            raise no_such_ticket(one.definition_id)
        if definition.sale_at(now) is not SaleStatus.STARTED or not event.is_open(now):
            raise not_on_sale(definition)
        lines.append(_line(event, definition, one, derived_id(reservation_id, f"line {place}")))
    _check_limits(event, known, wanted)
    return Content(event.terms.currency, tuple(lines))


def _line(event: Event, definition: Definition, wanted: Wanted, line_id: str) -> Line:
    terms, currency = definition.terms, event.terms.currency
    adds_fee = terms.fee is Fee.ADDED
    if terms.pricing is Pricing.OPTIONS:
        option = next((one for one in terms.options if one.id == wanted.option_id), None)
        if option is None:
            text = f"{definition.name} has no price {wanted.option_id[:40]!r}. Name one of its pricing options."
            raise AppError(Kind.INVALID, "UNSUPPORTED_PRICING_OPTION", text, data={"ticketDefinitionId": definition.id})
        price = Money.parse(option.price, currency)
        name = (definition.id, definition.name, wanted.quantity, price.text, option.id, option.name)
        return Line(line_id, *name, adds_fee and bool(price))
    if wanted.option_id:
        text = f"{definition.name} has one price, and no pricing options."
        raise AppError(Kind.INVALID, "UNSUPPORTED_PRICING_OPTION", text, data={"ticketDefinitionId": definition.id})
    least = Money.parse(terms.price, currency)
    if terms.pricing is Pricing.DONATION:
        price = _given(definition, wanted.given, least)
        return Line(line_id, definition.id, definition.name, wanted.quantity, price.text, "", "", adds_fee and bool(price), True)
    return Line(line_id, definition.id, definition.name, wanted.quantity, least.text, "", "", adds_fee and bool(least))


def _given(definition: Definition, text: str, least: Money) -> Money:
    """What somebody gives of their own accord; the least when they do not say."""
    if not text:
        return least
    try:
        given = Money.parse(text, least.currency)
        if least <= given and given.amount <= MOST_GIVEN:
            return given
    except NotAnAmount:
        pass
    words = f"{definition.name} costs what you give, from {least.text} to {MOST_GIVEN} {least.currency} (received {text[:40]!r})."
    raise AppError(Kind.INVALID, "INVALID_TICKET_PRICE", words, data={"ticketDefinitionId": definition.id})


def _check_limits(event: Event, known: dict[str, Definition], wanted: Sequence[Wanted]) -> None:
    together: dict[str, int] = {}
    for one in wanted:
        together[one.definition_id] = together.get(one.definition_id, 0) + one.quantity
    for definition_id, quantity in together.items():
        definition = known[definition_id]
        most = min(event.terms.per_order, definition.terms.per_order or event.terms.per_order)
        if quantity > most:
            text = f"One order can have {most} tickets of the kind {definition.name} (received {quantity})."
            raise AppError(Kind.CONFLICT, "TICKET_LIMIT_EXCEEDED", text, data={"ticketDefinitionId": definition_id, "limit": most})


def no_such_ticket(definition_id: str) -> AppError:
    """There is none (any more), it is hidden, or it is for another event."""
    text = f"There is no kind of ticket {definition_id[:40]!r} for this event."
    return AppError(Kind.NOT_FOUND, "TICKET_DEFINITION_NOT_FOUND", text, data={"ticketDefinitionId": definition_id[:40]})


def not_on_sale(definition: Definition) -> AppError:
    """Not yet, or not any more."""
    text = f"{definition.name} can't be had now: it is not on sale, or registration is closed."
    return AppError(Kind.CONFLICT, "TICKETS_NOT_ON_SALE", text, data={"ticketDefinitionId": definition.id})


def sold_out(definition: Definition) -> AppError:
    """Others were quicker."""
    text = f"There are not so many tickets of the kind {definition.name} left. Look at what there is, and take fewer or others."
    return AppError(Kind.CONFLICT, "TICKETS_SOLD_OUT", text, data={"ticketDefinitionId": definition.id, "left": definition.left or 0})
