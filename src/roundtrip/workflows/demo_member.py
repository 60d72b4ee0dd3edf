"""Somebody who knows the demo site: a member with a plan and a class booked with it. Making them twice changes nothing."""

from __future__ import annotations

from roundtrip.bookings.availability import offers
from roundtrip.bookings.book.model import Contact
from roundtrip.bookings.book.wanted import Slot, Wanted
from roundtrip.bookings.hours import Interval
from roundtrip.bookings.services import store as services
from roundtrip.core.clock import DAY
from roundtrip.core.ids import derived_id
from roundtrip.members import actions as members
from roundtrip.members.model import Member, Profile
from roundtrip.plans import seed
from roundtrip.plans.orders.actions import Wish
from roundtrip.plans.orders.model import Kind
from roundtrip.sites.change import Change
from roundtrip.sites.model import Site
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Tx
from roundtrip.workflows import book_with_plan, buy_plan, move_booking

EMAIL = "demo@example.com"
PROFILE = Profile(nickname="Dana", first_name="Dana", last_name="Demo", slug="dana", more={"phones": ["+12125550100"]})


def settle_in(tx: Tx, site: Site, change: Change) -> bool:
    """Let Dana have a pass of ten classes, and a class in a few days where the site offers one. False when she is there already.

    She has no password: whoever wants to be her chooses one by the mail that a test site catches.
    """
    if members.by_email(tx, site.id, EMAIL) is not None:
        return False
    dana = members.register(
        tx,
        site_id=site.id,
        email=EMAIL,
        password_hash=None,
        profile=PROFILE,
        member_id=derived_id(change.id, "dana"),
        now=change.now,
        event_id=derived_id(change.id, "dana registered"),
    )
    given = Moment(change.now, derived_id(change.id, "dana's plan"))
    order = buy_plan.begin(tx, site.id, seed.PASS, dana.id, Wish(Kind.OFFLINE), given)
    buy_plan.mark_paid(tx, site.id, order.id, Moment(change.now, derived_id(change.id, "dana has paid")))
    _book(tx, site, dana, order.id, Moment(change.now, derived_id(change.id, "dana's class")))
    return True


def _book(tx: Tx, site: Site, dana: Member, order_id: str, moment: Moment) -> None:
    yoga = services.service(tx, site.id, seed.YOGA)
    if yoga is None:
        return
    window = Interval(moment.now + 2 * DAY, moment.now + 5 * DAY)
    found = next((one for one in offers(tx, [yoga], window, moment.now) if one.is_bookable and one.session is not None), None)
    if found is None or found.session is None:
        return
    contact = Contact("Dana", "Demo", EMAIL, "+12125550100")
    wanted = Wanted(Slot(found.start, "", found.session.event_id), contact=contact, member_id=dana.id)
    booking = move_booking.book(tx, site.id, yoga.id, wanted, moment)
    book_with_plan.finish(tx, site.id, booking.id, order_id, dana.id, moment)
