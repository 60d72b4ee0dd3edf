"""A plan as an owner's program sends it: the words of the wire, each field optional when something is changed."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from roundtrip.plans.duration import LONGEST_COUNT, Unit
from roundtrip.plans.plan.model import LONGEST_TRIAL, MOST_BENEFITS, MOST_PERKS

Slug = Annotated[str, Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=100)]
Id = Annotated[str, Meta(pattern="^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}(?!\\n)$")]


class _Draft(msgspec.Struct, frozen=True, rename="camel"):
    pass


class DurationDraft(_Draft, frozen=True):
    """So many units."""

    count: Annotated[int, Meta(ge=1, le=LONGEST_COUNT)]
    unit: Unit


class SubscriptionDraft(_Draft, frozen=True):
    """Cycle after cycle; `cycleCount` 0: until somebody cancels."""

    cycle_duration: DurationDraft
    cycle_count: Annotated[int, Meta(ge=0, le=999)] = 0


class PriceDraft(_Draft, frozen=True):
    """An amount as text. `currency` may be left out: it is the site's."""

    value: Annotated[str, Meta(max_length=20)]
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$")] | None = None


class PricingDraft(_Draft, frozen=True):
    """Exactly one of the three models, and a price."""

    price: PriceDraft
    subscription: SubscriptionDraft | None = None
    single_payment_for_duration: DurationDraft | None = None
    single_payment_unlimited: bool | None = None
    free_trial_days: Annotated[int, Meta(ge=0, le=LONGEST_TRIAL)] | None = None


class PerksDraft(_Draft, frozen=True):
    """What the plan gives, in words."""

    values: Annotated[list[Annotated[str, Meta(min_length=1, max_length=400)]], Meta(max_length=MOST_PERKS)]


class BenefitDraft(_Draft, frozen=True):
    """A service that the plan pays for; without `credits` as often as wanted."""

    service_id: Id
    credits: Annotated[int, Meta(ge=1, le=10_000)] | None = None


class PlanDraft(_Draft, frozen=True):
    """A plan to be made, or what is to be changed about one."""

    name: Annotated[str, Meta(min_length=1, max_length=50)] | UnsetType = UNSET
    slug: Slug | UnsetType = UNSET
    description: Annotated[str, Meta(max_length=450)] | UnsetType | None = UNSET
    perks: PerksDraft | UnsetType | None = UNSET
    benefits: Annotated[list[BenefitDraft], Meta(max_length=MOST_BENEFITS)] | UnsetType = UNSET
    pricing: PricingDraft | UnsetType = UNSET
    primary: bool | UnsetType = UNSET
    hidden: bool | UnsetType = UNSET
    sort_order: Annotated[int, Meta(ge=0, le=10_000)] | UnsetType = UNSET
    allow_future_start_date: bool | UnsetType = UNSET
    buyer_can_cancel: bool | UnsetType = UNSET
    max_purchases_per_buyer: Annotated[int, Meta(ge=0, le=1000)] | UnsetType = UNSET
    terms_and_conditions: Annotated[str, Meta(max_length=4000)] | UnsetType | None = UNSET
    form_id: Annotated[str, Meta(max_length=100)] | UnsetType | None = UNSET
    revision: Annotated[str, Meta(pattern=r"^\d{1,15}$")] | UnsetType = UNSET
