"""What members booked, in their account: each leads to the booking's own page, where it is moved, cancelled and put into a calendar."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from roundtrip.bookings.book import links, store
from roundtrip.bookings.book.model import Booking, Option, Payment, Status
from roundtrip.members.sections import MOST, Entry, Fact, Link, Looking, Section, Tone
from roundtrip.storage.database import Tx
from roundtrip.text import when
from roundtrip.text.catalogue import say
from roundtrip.text.marks import marked

STATES: Mapping[Status, tuple[str, Tone]] = {
    Status.CREATED: (marked("Kept for you"), Tone.CALM),
    Status.PENDING: (marked("Waits for confirmation"), Tone.CALM),
    Status.CONFIRMED: (marked("Confirmed"), Tone.GOOD),
    Status.DECLINED: (marked("Declined"), Tone.BAD),
    Status.CANCELED: (marked("Cancelled"), Tone.BAD),
    Status.WAITING_LIST: (marked("On the waiting list"), Tone.CALM),
}
OVER = marked("Over")
WHEN, WITH, WHERE, PAID = marked("When"), marked("With"), marked("Where"), marked("Paid")
BY_PLAN, AT_PLACE = marked("with your plan"), marked("to be paid at the place")
LOOK, MOVE_OR_CANCEL = marked("Look at it"), marked("Look at it, move or cancel it")


def _entries(tx: Tx, looking: Looking) -> Sequence[Entry]:
    found = store.of_member(tx, looking.site.id, looking.member.id, looking.now, MOST)
    return [_entry(one, looking) for one in found]


def _entry(one: Booking, looking: Looking) -> Entry:
    lang, content = looking.language, one.content
    words, tone = STATES[one.status]
    is_over = one.stands and one.ends_at <= looking.now
    facts = [
        (WHEN, when.when(one.starts_at, one.ends_at, content.zone, lang)),
        (WITH, content.staff),
        (WHERE, ", ".join(part for part in (content.location, content.address) if part)),
        (PAID, _paid(one, lang)),
    ]
    may_change = one.status in (Status.CONFIRMED, Status.PENDING, Status.WAITING_LIST) and not is_over
    return Entry(
        id=one.id,
        title=content.service,
        state=say(lang, OVER if is_over else words),
        tone=Tone.CALM if is_over else tone,
        amount=one.price or None,
        facts=tuple(Fact(say(lang, name), value) for name, value in facts if value),
        links=(Link(say(lang, MOVE_OR_CANCEL if may_change else LOOK), links.path(looking.link_key, one.id)),),
    )


def _paid(one: Booking, lang: str) -> str:
    if one.option is Option.MEMBERSHIP:
        return say(lang, BY_PLAN)
    return say(lang, AT_PLACE) if one.stands and one.payment is Payment.NOT_PAID and one.price else ""


SECTION = Section(
    name="BOOKINGS",
    place=20,
    title=marked("Bookings"),
    empty=marked("You have not booked anything yet."),
    entries=_entries,
)
