"""What the fields of a service mean. Pure: what exists in the database is checked in `actions.py`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import msgspec
from msgspec import UNSET

from roundtrip.bookings.parts.model import PartKind
from roundtrip.bookings.services.draft import ImageDraft, MediaDraft, PaymentDraft, PriceDraft, ScheduleDraft, ServiceDraft
from roundtrip.bookings.services.model import Question, Rate, RateKind, Service, ServiceKind, ServiceTerms
from roundtrip.core.errors import invalid_field
from roundtrip.core.money import Money, NotAnAmount
from roundtrip.core.urls import UrlRefused, parse
from roundtrip.media.medium import Medium


def with_fields(service: Service, sent: ServiceDraft, currency: str) -> Service:
    """The service with what was sent; its parts and its slug are left to `actions.py`. Raises INVALID."""
    terms = _terms(service.terms, sent, currency)
    if service.kind is ServiceKind.APPOINTMENT and terms.capacity != 1:
        raise invalid_field("service.defaultCapacity", "must be 1 for an appointment; make it a CLASS for more people", "FORMAT")
    changed = replace(service, terms=terms)
    if sent.name is not UNSET:
        name = sent.name.strip()
        if not name:
            raise invalid_field("service.name", "must have at least 1 character that is seen", "MIN_LENGTH", threshold=1)
        changed = replace(changed, name=name)
    if sent.hidden is not UNSET:
        changed = replace(changed, hidden=bool(sent.hidden))
    if sent.sort_order is not UNSET:
        changed = replace(changed, position=sent.sort_order or 0)
    return changed


def wanted_parts(sent: ServiceDraft) -> dict[PartKind, list[str]]:
    """The ids of the parts that were sent, by kind; kinds that were not sent are absent."""
    found: dict[PartKind, list[str]] = {}
    if sent.category is not UNSET:
        found[PartKind.CATEGORY] = [sent.category.id] if sent.category else []
    if sent.booking_policy is not UNSET:
        found[PartKind.POLICY] = [sent.booking_policy.id] if sent.booking_policy else []
    if sent.staff_member_ids is not UNSET:
        found[PartKind.STAFF] = list(sent.staff_member_ids or ())
    if sent.locations is not UNSET:
        found[PartKind.LOCATION] = [(one.business.id if one.business else "") or one.id for one in sent.locations or ()]
    return {kind: list(dict.fromkeys(one.lower() for one in ids)) for kind, ids in found.items()}


def _terms(terms: ServiceTerms, sent: ServiceDraft, currency: str) -> ServiceTerms:
    changes: dict[str, Any] = {}
    if sent.tag_line is not UNSET:
        changes["tag_line"] = (sent.tag_line or "").strip()
    if sent.description is not UNSET:
        changes["description"] = (sent.description or "").strip()
    if sent.default_capacity is not UNSET:
        changes["capacity"] = sent.default_capacity or 1
    if sent.online_booking is not UNSET:
        booking = sent.online_booking
        changes["is_online"] = booking.enabled if booking else True
        changes["needs_approval"] = bool(booking and booking.require_manual_approval)
        changes["takes_many_requests"] = bool(booking and booking.allow_multiple_requests)
    if sent.form is not UNSET:
        changes["form_id"] = sent.form.id if sent.form else ""
    if sent.questions is not UNSET:
        changes["questions"] = tuple(Question(one.title.strip(), one.required) for one in sent.questions or () if one.title.strip())
    if sent.payment is not UNSET:
        changes |= _payment(sent.payment or PaymentDraft(RateKind.NO_FEE), currency)
    if sent.schedule is not UNSET:
        changes |= _schedule(sent.schedule)
    if sent.media is not UNSET:
        changes["media"] = _media(sent.media or MediaDraft())
    return msgspec.structs.replace(terms, **changes)


def _payment(sent: PaymentDraft, currency: str) -> dict[str, Any]:
    options = sent.options
    free = sent.rate_type is RateKind.NO_FEE
    plans = tuple(dict.fromkeys(one.lower() for one in sent.pricing_plan_ids or ()))
    online = bool(options and options.online)
    by_plan = bool(options and options.pricing_plan)
    in_person = options.in_person if options else True
    if not free and not (online or in_person or by_plan):
        raise invalid_field("service.payment.options", "must have at least one of online, inPerson and pricingPlan", "FORMAT")
    if online and sent.rate_type in (RateKind.CUSTOM, RateKind.NO_FEE):
        raise invalid_field("service.payment.options.online", "needs a price: rateType FIXED or VARIED", "FORMAT")
    return {
        "rate": _rate(sent, currency),
        "pays_online": online,
        "pays_in_person": in_person,
        "pays_by_plan": by_plan,
        "plan_ids": plans,
    }


def _rate(sent: PaymentDraft, currency: str) -> Rate:
    place = f"service.payment.{sent.rate_type.lower()}"
    if sent.rate_type is RateKind.NO_FEE:
        return Rate(currency=currency, words=sent.custom.description.strip() if sent.custom else "")
    if sent.rate_type is RateKind.CUSTOM:
        words = sent.custom.description.strip() if sent.custom else ""
        if not words:
            raise invalid_field(f"{place}.description", "is required and missing", "REQUIRED_FIELD")
        return Rate(RateKind.CUSTOM, currency, words=words)
    given = sent.fixed if sent.rate_type is RateKind.FIXED else sent.varied
    if given is None:
        raise invalid_field(place, "is required and missing", "REQUIRED_FIELD")
    deposit = _amount(given.deposit, f"{place}.deposit", currency)
    if sent.fixed is not None and sent.rate_type is RateKind.FIXED:
        rate = Rate(RateKind.FIXED, currency, _amount(sent.fixed.price, f"{place}.price", currency), deposit=deposit)
    else:
        assert sent.varied is not None  # the rate type says so
        usual, least, most = (
            _amount(price, f"{place}.{name}", currency)
            for name, price in (
                ("defaultPrice", sent.varied.default_price),
                ("minPrice", sent.varied.min_price),
                ("maxPrice", sent.varied.max_price),
            )
        )
        rate = Rate(RateKind.VARIED, currency, usual, least or usual, most or usual, deposit)
        if not Money.parse(rate.least, currency) <= Money.parse(rate.most, currency):
            raise invalid_field(f"{place}.maxPrice", "must not be less than minPrice", "FORMAT")
    if deposit and not Money.zero(currency) < Money.parse(deposit, currency) <= Money.parse(rate.price, currency):
        raise invalid_field(f"{place}.deposit", "must be more than nothing and at most the price", "FORMAT")
    return rate


def _amount(sent: PriceDraft | None, place: str, currency: str) -> str:
    if sent is None:
        return ""
    if sent.currency and sent.currency != currency:
        text = f"must be {currency}, the currency of the business (received {sent.currency})"
        raise invalid_field(f"{place}.currency", text, "FORMAT", received=sent.currency)
    try:
        money = Money.parse(sent.value, currency)
    except NotAnAmount as reason:
        raise invalid_field(f"{place}.value", f"is no price: {reason}", "FORMAT", received=sent.value) from None
    if money < Money.zero(currency):
        raise invalid_field(f"{place}.value", f"must be 0 or more (received {money.text})", "FORMAT", received=money.text)
    return money.text


def _schedule(sent: ScheduleDraft | None) -> dict[str, Any]:
    found = sent.availability_constraints if sent else None
    if found is None:
        return {}
    changes: dict[str, Any] = {}
    minutes = [one.minutes for one in found.durations or ()] or list(found.session_durations or ())
    if minutes:
        changes["minutes"] = minutes[0]
    if found.time_between_sessions is not None:
        changes["gap"] = found.time_between_sessions
    return changes


def _media(sent: MediaDraft) -> tuple[Medium, ...]:
    items: Sequence[ImageDraft] = [one.image for one in (*((sent.main_media,) if sent.main_media else ()), *(sent.items or ()))]
    found = [medium_of(one, f"service.media.items[{place}].image") for place, one in enumerate(items)]
    return tuple({(one.picture_id, one.url): one for one in found}.values())


def medium_of(sent: ImageDraft, place: str) -> Medium:
    """A picture as it was named. Whether an id exists, and how large its picture is, is found out by whoever keeps it. Raises INVALID."""
    if sent.id:
        return Medium(picture_id=sent.id, alt=sent.alt_text)
    try:
        url = parse(sent.url)
    except UrlRefused as error:
        raise invalid_field(f"{place}.url", f"can't be used: {error.sentence}", "FORMAT", received=sent.url[:200]) from None
    if url.scheme != "https" or not sent.width or not sent.height:
        raise invalid_field(place, "must have the id of one of the site's pictures, or an https url with width and height", "FORMAT")
    return Medium("", url.href, sent.width, sent.height, sent.alt_text)


def picture(one: Service) -> dict[str, Any]:
    """Every field with plain values, for the audit log and for events."""
    return {
        "type": one.kind.value,
        "name": one.name,
        "slug": one.slug,
        "hidden": one.hidden,
        "sortOrder": one.position,
        **{kind.value: [part.id for part in one.parts if part.kind is kind] for kind in PartKind},
        **msgspec.to_builtins(one.terms),
    }
