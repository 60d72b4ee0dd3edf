"""What people do with invitations: answer, change their mind, take a place that became free; with mails, and with who waits."""

from __future__ import annotations

from roundtrip.events.event import actions as events
from roundtrip.events.event import store as event_store
from roundtrip.events.event.model import Event
from roundtrip.events.rsvps import actions, store
from roundtrip.events.rsvps.actions import Said
from roundtrip.events.rsvps.model import Rsvp, Status
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Tx
from roundtrip.workflows import event_mails

MOST_OFFERED = 20
_MAILS = {Status.YES: event_mails.COMING, Status.WAITLIST: event_mails.WAITING, Status.OFFERED: event_mails.PLACE_FREE}


def answer(tx: Tx, event: Event, said: Said, moment: Moment) -> Rsvp:
    """Keep an answer. Raises as `actions.answer`."""
    before = event_store.get(tx, event.site_id, event.id)
    kept, is_new = actions.answer(tx, event, said, moment)
    if kept.status is not Status.NO:
        _mail(tx, event, kept, moment)
    if not is_new and before is not None:
        offer_next(tx, before.site_id, before.id, moment)
    return kept


def withdraw(tx: Tx, site_id: str, rsvp_id: str, moment: Moment) -> Rsvp:
    """They do not come after all: what becomes free is for who waits. Raises NOT_FOUND `RSVP_NOT_FOUND`."""
    event, known = _locked(tx, site_id, rsvp_id)
    gone = actions.withdraw(tx, event, known, moment)
    offer_next(tx, site_id, event.id, moment)
    return gone


def accept(tx: Tx, site_id: str, rsvp_id: str, moment: Moment) -> Rsvp:
    """Yes to a place that was kept. Raises NOT_FOUND, CONFLICT `RSVP_STATUS`."""
    event, known = _locked(tx, site_id, rsvp_id)
    coming = actions.accept(tx, known, moment)
    _mail(tx, event, coming, moment)
    return coming


def delete(tx: Tx, site_id: str, rsvp_id: str, moment: Moment) -> None:
    """An owner deletes an answer. NOT_FOUND for whoever comes second."""
    event, known = _locked(tx, site_id, rsvp_id)
    if not store.delete(tx, site_id, known.id):
        raise actions.no_rsvp(rsvp_id)
    if known.takes_places:
        event_store.free_places(tx, site_id, event.id, known.guests)
    actions.tell(tx, known, "deleted", moment)
    moment.note(tx, site_id, "rsvp.deleted", known.id, event.title, {"status": known.status.value})
    offer_next(tx, site_id, event.id, moment)


def release_offer(tx: Tx, site_id: str, rsvp_id: str, moment: Moment) -> bool:
    """Nobody took a place that was kept: the next one who waits is asked. False when it was taken meanwhile. The worker asks."""
    known = store.get(tx, site_id, rsvp_id)
    if known is None:
        return False
    event_store.lock(tx, site_id, known.event_id)
    seen = store.get(tx, site_id, rsvp_id)
    if seen is None or seen.status is not Status.OFFERED or (seen.offer_ends_at or 0) > moment.now:
        return False
    actions.withdraw(tx, events.require(tx, site_id, seen.event_id), seen, moment)
    offer_next(tx, site_id, seen.event_id, moment)
    return True


def offer_next(tx: Tx, site_id: str, event_id: str, moment: Moment) -> None:
    """Tell who waits, the first first, that places are free, as long as there are some. The event is locked."""
    for _ in range(MOST_OFFERED):
        event = event_store.get(tx, site_id, event_id)
        kept = actions.offer_next(tx, event, moment) if event is not None else None
        if event is None or kept is None:
            return
        _mail(tx, event, kept, moment)


def _locked(tx: Tx, site_id: str, rsvp_id: str) -> tuple[Event, Rsvp]:
    event_store.lock(tx, site_id, actions.require(tx, site_id, rsvp_id).event_id)
    known = actions.require(tx, site_id, rsvp_id)
    return events.require(tx, site_id, known.event_id), known


def _mail(tx: Tx, event: Event, one: Rsvp, moment: Moment) -> None:
    event_mails.to_guest(tx, event, one.content.guest, one.guests, one.content.language, one.id, _MAILS[one.status], moment)
