"""Between the words of the wire and what is kept of a plan. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
from msgspec import UNSET

from roundtrip.core.errors import invalid_field
from roundtrip.core.money import Money, NotAnAmount
from roundtrip.plans.duration import Duration
from roundtrip.plans.plan.draft import DurationDraft, PlanDraft, PricingDraft
from roundtrip.plans.plan.model import Benefit, Details, Model, Plan, Terms

_DETAILS = {
    "description": "description",
    "primary": "is_primary",
    "allow_future_start_date": "may_start_later",
    "buyer_can_cancel": "buyer_can_cancel",
    "max_purchases_per_buyer": "most_per_buyer",
    "terms_and_conditions": "conditions",
    "form_id": "form_id",
}


def with_fields(before: Plan, sent: PlanDraft, currency: str) -> Plan:
    """The plan with what was sent. Raises INVALID naming the field."""
    after = replace(
        before,
        name=before.name if sent.name is UNSET else sent.name.strip(),
        slug=before.slug if sent.slug is UNSET else sent.slug,
        is_hidden=before.is_hidden if sent.hidden is UNSET else sent.hidden,
        position=before.position if sent.sort_order is UNSET else sent.sort_order,
    )
    if not after.name:
        raise invalid_field("plan.name", "must not be empty", "REQUIRED_FIELD")
    if sent.pricing is not UNSET:
        after = replace(after, terms=terms_of(sent.pricing, currency))
    return replace(after, details=_details(before.details, sent))


def _details(before: Details, sent: PlanDraft) -> Details:
    changed: dict[str, Any] = {}
    for name, field in _DETAILS.items():
        value = getattr(sent, name)
        if value is not UNSET:
            changed[field] = "" if value is None else value
    if sent.perks is not UNSET:
        changed["perks"] = tuple(sent.perks.values) if sent.perks is not None else ()
    if sent.benefits is not UNSET:
        changed["benefits"] = tuple(Benefit(one.service_id.lower(), one.credits) for one in sent.benefits)
        if len({one.service_id for one in changed["benefits"]}) != len(changed["benefits"]):
            raise invalid_field("plan.benefits", "names a service twice", "FORMAT")
    return msgspec.structs.replace(before, **changed)


def terms_of(sent: PricingDraft, currency: str) -> Terms:
    """What is agreed. Raises INVALID for another number of models than one, and for an amount that can't be paid."""
    chosen = [
        name
        for name, value in (
            ("subscription", sent.subscription),
            ("singlePaymentForDuration", sent.single_payment_for_duration),
            ("singlePaymentUnlimited", sent.single_payment_unlimited or None),
        )
        if value is not None
    ]
    if len(chosen) != 1:
        text = f"must have exactly one of subscription, singlePaymentForDuration and singlePaymentUnlimited (received {len(chosen)})"
        raise invalid_field("plan.pricing", text, "REQUIRED_ONE_OF_FIELD")
    if sent.price.currency not in (None, currency):
        text = f"must be the currency of the site, {currency} (received {sent.price.currency})"
        raise invalid_field("plan.pricing.price.currency", text, "FORMAT", received=sent.price.currency)
    try:
        price = Money.parse(sent.price.value, currency)
    except NotAnAmount as error:
        raise invalid_field("plan.pricing.price.value", str(error), "FORMAT", received=sent.price.value) from error
    if price < Money.zero(currency):
        raise invalid_field("plan.pricing.price.value", "must not be below zero", "FORMAT", received=sent.price.value)
    if sent.free_trial_days and sent.subscription is None:
        raise invalid_field("plan.pricing.freeTrialDays", "only plans that are paid again and again have a trial", "FORMAT")
    if sent.subscription is not None:
        cycle = _duration(sent.subscription.cycle_duration)
        return Terms(Model.RECURRING, price.text, currency, cycle, sent.subscription.cycle_count, sent.free_trial_days or 0)
    if sent.single_payment_for_duration is not None:
        return Terms(Model.FOR_TIME, price.text, currency, _duration(sent.single_payment_for_duration))
    return Terms(Model.UNLIMITED, price.text, currency)


def _duration(sent: DurationDraft) -> Duration:
    return Duration(sent.count, sent.unit)


def pricing_out(terms: Terms) -> dict[str, Any]:
    """The model, and nothing of the price."""
    length = msgspec.to_builtins(terms.duration) if terms.duration else None
    match terms.model:
        case Model.RECURRING:
            return {"subscription": {"cycleDuration": length, "cycleCount": terms.cycles}}
        case Model.FOR_TIME:
            return {"singlePaymentForDuration": length}
        case Model.UNLIMITED:
            return {"singlePaymentUnlimited": True}


def picture(plan: Plan) -> dict[str, Any]:
    """Its fields in the words of the wire: for the log of changes and for who is told."""
    details, terms = plan.details, plan.terms
    trial = {"freeTrialDays": terms.trial_days} if terms.recurs else {}
    return {
        "name": plan.name,
        "slug": plan.slug,
        "description": details.description,
        "perks": {"values": list(details.perks)},
        "benefits": [{"serviceId": one.service_id, **({"credits": one.credits} if one.credits else {})} for one in details.benefits],
        "pricing": {**pricing_out(terms), "price": {"value": terms.price, "currency": terms.currency}, **trial},
        "primary": details.is_primary,
        "hidden": plan.is_hidden,
        "archived": plan.is_archived,
        "sortOrder": plan.position,
        "maxPurchasesPerBuyer": details.most_per_buyer,
        "allowFutureStartDate": details.may_start_later,
        "buyerCanCancel": details.buyer_can_cancel,
        "termsAndConditions": details.conditions,
        **({"formId": details.form_id} if details.form_id else {}),
    }
