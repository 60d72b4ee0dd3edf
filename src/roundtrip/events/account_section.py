"""What members have tickets for, and where they said that they come, in their account: each leads to its own page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from roundtrip.events.event import store as events
from roundtrip.events.event.model import NOT_SAID, Event
from roundtrip.events.orders import links
from roundtrip.events.orders import store as orders
from roundtrip.events.orders.model import Order
from roundtrip.events.orders.model import Status as OrderStatus
from roundtrip.events.rsvps import store as rsvps
from roundtrip.events.rsvps.model import Rsvp, Status
from roundtrip.members.sections import MOST, Entry, Fact, Link, Looking, Section, Tone
from roundtrip.storage.database import Tx
from roundtrip.text.catalogue import say
from roundtrip.text.marks import marked
from roundtrip.text.when import when

ORDERED: Mapping[OrderStatus, tuple[str, Tone]] = {
    OrderStatus.FREE: (marked("Tickets are good"), Tone.GOOD),
    OrderStatus.PAID: (marked("Paid"), Tone.GOOD),
    OrderStatus.OFFLINE_PENDING: (marked("To be paid"), Tone.CALM),
    OrderStatus.INITIATED: (marked("Not paid yet"), Tone.CALM),
    OrderStatus.PENDING: (marked("The money is on its way"), Tone.CALM),
    OrderStatus.CANCELED: (marked("Cancelled"), Tone.BAD),
    OrderStatus.DECLINED: (marked("Not paid"), Tone.BAD),
}
ANSWERED: Mapping[Status, tuple[str, Tone]] = {
    Status.YES: (marked("You come"), Tone.GOOD),
    Status.NO: (marked("You do not come"), Tone.CALM),
    Status.WAITLIST: (marked("On the waiting list"), Tone.CALM),
    Status.OFFERED: (marked("A place is kept for you"), Tone.CALM),
}
OVER = marked("Over")
WHEN, WHERE, NUMBER, TICKETS, GUESTS = marked("When"), marked("Where"), marked("Order"), marked("Tickets"), marked("Guests")
TO_TICKETS, TO_ANSWER = marked("Look at the tickets"), marked("Look at your answer, or change it")


def _entries(tx: Tx, looking: Looking) -> Sequence[Entry]:
    site_id, member_id = looking.site.id, looking.member.id
    bought, answered = orders.of_member(tx, site_id, member_id, MOST), rsvps.of_member(tx, site_id, member_id, MOST)
    known = events.several(tx, site_id, [one.event_id for one in answered])
    found = [(one.created_at, _ordered(one, looking)) for one in bought]
    found += [(one.created_at, _answered(one, known[one.event_id], looking)) for one in answered if one.event_id in known]
    return [entry for _, entry in sorted(found, key=lambda one: -one[0])[:MOST]]


def _ordered(one: Order, looking: Looking) -> Entry:
    lang, content = looking.language, one.content
    words, tone = ORDERED[one.status]
    is_over = one.stands and content.starts_at != NOT_SAID and content.ends_at <= looking.now
    return Entry(
        id=one.id,
        title=content.title,
        state=say(lang, OVER if is_over else words),
        tone=Tone.CALM if is_over else tone,
        amount=one.total or None,
        facts=_facts(
            lang,
            (WHEN, _when(content.starts_at, content.ends_at, content.zone, lang)),
            (WHERE, content.place),
            (TICKETS, str(one.tickets)),
            (NUMBER, one.number),
        ),
        links=(Link(say(lang, TO_TICKETS), links.order_path(looking.link_key, one.id)),) if one.stands else (),
    )


def _answered(one: Rsvp, event: Event, looking: Looking) -> Entry:
    lang = looking.language
    words, tone = ANSWERED[one.status]
    is_over = event.starts_at != NOT_SAID and event.ends_at <= looking.now
    return Entry(
        id=one.id,
        title=event.title,
        state=say(lang, OVER if is_over else words),
        tone=Tone.CALM if is_over else tone,
        facts=_facts(
            lang,
            (WHEN, _when(event.starts_at, event.ends_at, event.zone, lang)),
            (WHERE, event.terms.place.words),
            (GUESTS, str(one.guests) if one.guests > 1 else ""),
        ),
        links=(Link(say(lang, TO_ANSWER), links.rsvp_path(looking.link_key, one.id)),),
    )


def _facts(lang: str, *facts: tuple[str, str]) -> tuple[Fact, ...]:
    return tuple(Fact(say(lang, name), value) for name, value in facts if value)


def _when(start: int, end: int, zone: str, lang: str) -> str:
    return "" if start == NOT_SAID else when(start, end, zone, lang)


SECTION = Section(name="EVENTS", place=50, title=marked("Events"), empty=marked("You have no tickets yet."), entries=_entries)
