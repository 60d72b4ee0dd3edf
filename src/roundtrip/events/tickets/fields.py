"""What the fields of a kind of ticket mean. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec
from msgspec import UNSET

from roundtrip.core.errors import invalid_field
from roundtrip.core.ids import derived_id
from roundtrip.core.money import Money, NotAnAmount
from roundtrip.events.tickets.draft import DefinitionDraft, PriceDraft, PricingDraft, SaleDraft
from roundtrip.events.tickets.model import Definition, PriceOption, Pricing

PLACE = "ticketDefinition"


def with_fields(definition: Definition, sent: DefinitionDraft, currency: str) -> Definition:
    """The kind of ticket with what was sent. Raises INVALID."""
    changes: dict[str, Any] = {}
    if sent.name is not UNSET:
        changes["name"] = sent.name.strip()
        if not changes["name"]:
            raise invalid_field(f"{PLACE}.name", "must have at least 1 character that is seen", "MIN_LENGTH", threshold=1)
    if sent.hidden is not UNSET:
        changes["hidden"] = sent.hidden
    if sent.sort_index is not UNSET:
        changes["position"] = sent.sort_index
    if sent.initial_limit is not UNSET:
        changes["stock"] = sent.initial_limit
    terms = _terms(definition, sent, currency)
    return replace(definition, **changes, terms=msgspec.structs.replace(definition.terms, **terms))


def _terms(definition: Definition, sent: DefinitionDraft, currency: str) -> dict[str, Any]:
    terms: dict[str, Any] = {}
    if sent.description is not UNSET:
        terms["description"] = (sent.description or "").strip()
    if sent.policy_text is not UNSET:
        terms["policy"] = (sent.policy_text or "").strip()
    if sent.fee_type is not UNSET:
        terms["fee"] = sent.fee_type
    if sent.limit_per_checkout is not UNSET:
        terms["per_order"] = sent.limit_per_checkout
    if sent.pricing_method is not UNSET:
        terms |= _pricing(definition, sent.pricing_method, currency)
    if sent.sale_period is not UNSET:
        terms |= _sale(sent.sale_period or SaleDraft())
    return terms


def _pricing(definition: Definition, sent: PricingDraft, currency: str) -> dict[str, Any]:
    place = f"{PLACE}.pricingMethod"
    if sum(one is not None for one in (sent.fixed_price, sent.guest_price, sent.pricing_options)) != 1:
        raise invalid_field(place, "must have exactly one of fixedPrice, guestPrice and pricingOptions", "FORMAT")
    if sent.fixed_price is not None:
        return {"pricing": Pricing.FIXED, "price": _amount(sent.fixed_price, f"{place}.fixedPrice", currency), "options": ()}
    if sent.guest_price is not None:
        return {"pricing": Pricing.DONATION, "price": _amount(sent.guest_price, f"{place}.guestPrice", currency), "options": ()}
    assert sent.pricing_options is not None  # one of the three is there
    options = tuple(
        PriceOption(
            one.option_id.lower() or derived_id(definition.id, f"option {number} {one.name}"),
            one.name.strip(),
            _amount(one.price, f"{place}.pricingOptions.optionDetails[{number}].price", currency),
        )
        for number, one in enumerate(sent.pricing_options.option_details)
    )
    if len({one.id for one in options}) < len(options):
        raise invalid_field(f"{place}.pricingOptions.optionDetails", "must have a different optionId each", "FORMAT")
    return {"pricing": Pricing.OPTIONS, "price": "0", "options": options}


def _amount(sent: PriceDraft, place: str, currency: str) -> str:
    if sent.currency and sent.currency != currency:
        text = f"must be {currency}, the currency of the event (received {sent.currency})"
        raise invalid_field(f"{place}.currency", text, "FORMAT", received=sent.currency)
    try:
        money = Money.parse(sent.value, currency)
    except NotAnAmount as reason:
        raise invalid_field(f"{place}.value", f"is no price: {reason}", "FORMAT", received=sent.value) from None
    if money < Money.zero(currency):
        raise invalid_field(f"{place}.value", f"must be 0 or more (received {money.text})", "FORMAT", received=money.text)
    return money.text


def _sale(sent: SaleDraft) -> dict[str, Any]:
    start, end = milliseconds(sent.start_date), milliseconds(sent.end_date)
    if start is not None and end is not None and end <= start:
        raise invalid_field(f"{PLACE}.salePeriod.endDate", "must be later than startDate", "FORMAT")
    return {"sale_from": start, "sale_until": end, "hides_off_sale": not sent.display_not_on_sale}


def milliseconds(at: datetime | None) -> int | None:
    """A moment of the wire as UTC milliseconds."""
    return None if at is None else int(at.timestamp() * 1000)


def picture(one: Definition) -> dict[str, Any]:
    """Every field with plain values, for the audit log and for events."""
    own = {"eventId": one.event_id, "name": one.name, "hidden": one.hidden, "sortIndex": one.position, "initialLimit": one.stock}
    return {**own, **msgspec.to_builtins(one.terms)}
