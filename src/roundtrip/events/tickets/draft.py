"""What an owner says about a kind of ticket, as the wire has it. Fields that are not sent are UNSET and stay; null empties one."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from roundtrip.events.tickets.model import Fee

Id = Annotated[str, Meta(max_length=36)]
Amount = Annotated[str, Meta(max_length=40)]
Time = Annotated[datetime, Meta(tz=True)]


class _Draft(msgspec.Struct, rename="camel", omit_defaults=True):
    """Names are those of the wire."""


class PriceDraft(_Draft):
    """An amount of the event's currency."""

    value: Amount
    currency: Annotated[str, Meta(max_length=3)] = ""


class OptionDraft(_Draft):
    """One of several prices. Without an id it is a new one."""

    name: Annotated[str, Meta(min_length=1, max_length=50)]
    price: PriceDraft
    option_id: Id = ""


class OptionsDraft(_Draft):
    """Several prices."""

    option_details: Annotated[list[OptionDraft], Meta(min_length=1, max_length=20)]


class PricingDraft(_Draft):
    """One of the three: a price, the least that guests may give, or several prices."""

    fixed_price: PriceDraft | None = None
    guest_price: PriceDraft | None = None
    pricing_options: OptionsDraft | None = None


class SaleDraft(_Draft):
    """When it is sold. `displayNotOnSale` false: it is hidden before and after."""

    start_date: Time | None = None
    end_date: Time | None = None
    display_not_on_sale: bool = True


class DefinitionDraft(_Draft):
    """A kind of ticket. `initialLimit` null: as many as like."""

    event_id: Id | UnsetType = UNSET
    name: Annotated[str, Meta(min_length=1, max_length=100)] | UnsetType = UNSET
    description: Annotated[str, Meta(max_length=500)] | UnsetType | None = UNSET
    policy_text: Annotated[str, Meta(max_length=1000)] | UnsetType | None = UNSET
    pricing_method: PricingDraft | UnsetType = UNSET
    fee_type: Fee | UnsetType = UNSET
    initial_limit: Annotated[int, Meta(ge=0, le=100_000)] | UnsetType | None = UNSET
    limit_per_checkout: Annotated[int, Meta(ge=1, le=50)] | UnsetType | None = UNSET
    sale_period: SaleDraft | UnsetType | None = UNSET
    hidden: bool | UnsetType = UNSET
    sort_index: Annotated[int, Meta(ge=-1_000_000, le=1_000_000)] | UnsetType = UNSET
    revision: Annotated[str, Meta(pattern=r"^\d{1,15}$")] | UnsetType = UNSET
