"""Bookings that a plan pays for: one transaction lets the booking stand and takes what it costs of the plan, or does neither."""

from __future__ import annotations

from roundtrip.bookings.book import actions
from roundtrip.bookings.book.model import Booking, Option, Payment
from roundtrip.bookings.book.wanted import not_available
from roundtrip.bookings.services import actions as services
from roundtrip.bookings.services.model import Service
from roundtrip.core.errors import AppError, Kind
from roundtrip.plans.credits import actions as credit
from roundtrip.plans.credits.actions import Usable
from roundtrip.plans.orders import actions as orders
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Tx
from roundtrip.workflows import booking_mails


def ways(tx: Tx, service: Service, member_id: str, at: int) -> list[Usable]:
    """The orders of a member that can pay for a service at a time; empty when it is not paid with plans."""
    if not service.terms.pays_by_plan:
        return []
    return credit.usable(tx, service.site_id, member_id, service.terms.plan_ids, service.id, at)


def finish(tx: Tx, site_id: str, booking_id: str, order_id: str, member_id: str, moment: Moment) -> Booking:
    """Pay for a booking that nobody finished yet, with a plan of its member.

    Raises NOT_FOUND `PLAN_ORDER_NOT_FOUND`, CONFLICT as `credits.take`, `PLAN_NOT_USABLE` for a service that is not paid with this plan,
    and when the time is gone.
    """
    booking = actions.locked(tx, site_id, booking_id)
    service = services.require(tx, site_id, booking.service_id)
    order = orders.locked(tx, site_id, order_id)
    if order.member_id != member_id:
        raise orders.no_order(order_id)
    if not service.terms.pays_by_plan or order.plan_id not in service.terms.plan_ids:
        text = f"{service.name} is not paid with {order.content.name}. Its `payment.pricingPlanIds` say which plans pay for it."
        raise AppError(Kind.CONFLICT, "PLAN_NOT_USABLE", text, data={"orderId": order.id, "serviceId": service.id})
    credit.take(tx, order, service.id, booking.starts_at, booking.id, booking.participants, moment.now)
    if not actions.take_again(tx, service, booking, moment.now):
        raise not_available(service)
    by_plan = actions.choose_option(tx, booking, Option.MEMBERSHIP, moment)
    stands = actions.stand(tx, service, by_plan, Payment.PAID, moment)
    booking_mails.stands(tx, service, stands, moment)
    return stands
