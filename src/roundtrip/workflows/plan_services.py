"""Keeps two places alike that say which plans pay for which services: the benefits of a plan, and the plans of a service (the wire's)."""

from __future__ import annotations

import msgspec

from roundtrip.bookings.services import actions as services
from roundtrip.bookings.services.draft import ServiceDraft
from roundtrip.core.ids import derived_id
from roundtrip.plans.plan.model import Plan
from roundtrip.sites.change import Change
from roundtrip.storage.database import Tx


def follow(tx: Tx, before: Plan | None, after: Plan, change: Change) -> None:
    """Name the plan at the services that its benefits name now, and nowhere else that they named before.

    Raises NOT_FOUND `SERVICE_NOT_FOUND` for a benefit of a service that the site does not have.
    """
    was = {one.service_id for one in before.details.benefits} if before is not None else set()
    now_is = {one.service_id for one in after.details.benefits}
    for service_id in sorted(now_is - was):
        _name(tx, after, service_id, change, is_named=True)
    for service_id in sorted(was - now_is):
        _name(tx, after, service_id, change, is_named=False)


def _name(tx: Tx, plan: Plan, service_id: str, change: Change, *, is_named: bool) -> None:
    service = services.require(tx, plan.site_id, service_id)
    others = [one for one in service.terms.plan_ids if one != plan.id]
    plan_ids = [*others, plan.id] if is_named else others
    if plan_ids == list(service.terms.plan_ids):
        return
    sent = msgspec.convert({"payment": {"options": {"pricingPlan": bool(plan_ids)}, "pricingPlanIds": plan_ids}}, ServiceDraft)
    named = Change(derived_id(change.id, f"plan of {service_id}"), change.actor, change.now, change.permissions)
    services.update(tx, plan.site_id, service_id, sent, named)
