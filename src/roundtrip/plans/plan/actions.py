"""What can be done with plans: make, change, archive. Each change is written down in its transaction (OPS-02)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from msgspec import UNSET

from roundtrip.core.domain_event import DomainEvent
from roundtrip.core.errors import AppError, Kind, invalid_field
from roundtrip.core.slugs import slug_of, slug_taken
from roundtrip.plans.plan import store
from roundtrip.plans.plan.draft import PlanDraft
from roundtrip.plans.plan.fields import picture, with_fields
from roundtrip.plans.plan.model import ENTITY, Details, Model, Plan, Terms
from roundtrip.sites.change import Change, changed_meanwhile
from roundtrip.storage import audit
from roundtrip.storage.database import Tx


def create(tx: Tx, site_id: str, sent: PlanDraft, *, plan_id: str, currency: str, change: Change) -> Plan:
    """Make a plan, sold in the site's `currency`. Raises INVALID naming the field, CONFLICT `SLUG_TAKEN`."""
    for name in ("name", "pricing"):
        if getattr(sent, name) is UNSET:
            raise invalid_field(f"plan.{name}", "is required and missing", "REQUIRED_FIELD")
    blank = Terms(Model.UNLIMITED, "0", currency)
    empty = Plan(site_id, plan_id, "", "", False, False, 0, blank, Details(), 1, change.now, change.now)
    made = with_fields(empty, sent, currency)
    if sent.slug is UNSET:
        made = replace(made, slug=_free_slug(tx, made))
    if not store.insert(tx, made):
        raise slug_taken(made.slug)
    _note(tx, made, "created", change, None, picture(made))
    return made


def update(tx: Tx, site_id: str, plan_id: str, sent: PlanDraft, *, currency: str, change: Change) -> Plan:
    """Set the fields that were sent; what was bought stays as it was agreed. Nothing that differs: nothing is written.

    Raises as `create`, NOT_FOUND `PLAN_NOT_FOUND`, and CONFLICT `REVISION_CHANGED` when somebody else was quicker.
    """
    before = require(tx, site_id, plan_id)
    if sent.revision is not UNSET and int(sent.revision) != before.revision:
        raise changed_meanwhile("plan", int(sent.revision))
    after = with_fields(before, sent, currency)
    if after.slug != before.slug and store.by_slug(tx, site_id, after.slug) is not None:
        raise slug_taken(after.slug)
    return _replaced(tx, before, after, "updated", change)


def archive(tx: Tx, site_id: str, plan_id: str, change: Change) -> Plan:
    """Sell it no more. Who has bought it keeps it, with all its renewals. Raises NOT_FOUND `PLAN_NOT_FOUND`."""
    before = require(tx, site_id, plan_id)
    return _replaced(tx, before, replace(before, is_archived=True), "archived", change)


def _replaced(tx: Tx, before: Plan, wanted: Plan, slug: str, change: Change) -> Plan:
    if wanted == before:
        return before
    after = replace(wanted, updated_at=change.now)
    if not store.replace_plan(tx, after, before.revision):
        raise changed_meanwhile("plan", before.revision)
    after = replace(after, revision=before.revision + 1)
    was, now_is = audit.changed(picture(before), picture(after))
    _note(tx, after, slug, change, was, now_is)
    return after


def require(tx: Tx, site_id: str, plan_id: str) -> Plan:
    """A plan of this site, hidden and archived ones too. Raises NOT_FOUND `PLAN_NOT_FOUND`."""
    found = store.plan(tx, site_id, plan_id.lower())
    if found is None:
        raise no_such_plan(plan_id)
    return found


def require_sold(tx: Tx, site_id: str, plan_id: str) -> Plan:
    """A plan that somebody can buy now. Raises NOT_FOUND `PLAN_NOT_FOUND`, CONFLICT `archived_plan`."""
    found = require(tx, site_id, plan_id)
    if not found.is_sold:
        text = f"{found.name} is archived: it is not sold any more. Ask for the public plans and offer one of those."
        raise AppError(Kind.CONFLICT, "archived_plan", text, data={"planId": found.id})
    return found


def no_such_plan(plan_id: str) -> AppError:
    """The site has none with this id."""
    text = f"There is no plan {plan_id[:40]!r} at this site. Ask for the public plans to see which there are."
    return AppError(Kind.NOT_FOUND, "PLAN_NOT_FOUND", text, data={"planId": plan_id[:40]})


def _free_slug(tx: Tx, made: Plan) -> str:
    slug = slug_of(made.name) or "plan"
    return slug if store.by_slug(tx, made.site_id, slug) is None else f"{slug}-{made.id[-8:]}"


def _note(tx: Tx, plan: Plan, slug: str, change: Change, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> None:
    change.note(tx, site_id=plan.site_id, action=f"plan.{slug}", object_id=plan.id, object_name=plan.name, before=before, after=after)
    body: dict[str, object] = {"plan": {"id": plan.id, "revision": str(plan.revision), **picture(plan)}}
    if slug == "updated":
        body["changedFields"] = list(after or ())
    change.tell(tx, DomainEvent(plan.site_id, ENTITY, slug, plan.id, body))
