"""What a plan is. Pure values; `store.py` keeps them, `actions.py` changes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import msgspec

from roundtrip.core.money import Money
from roundtrip.core.told import told
from roundtrip.plans.duration import Duration

MOST_PERKS = 20
MOST_BENEFITS = 50
LONGEST_TRIAL = 999
"""Days."""


class Model(StrEnum):
    """How a plan is paid: again and again, once for a time, or once for ever."""

    RECURRING = "RECURRING"
    FOR_TIME = "FOR_TIME"
    UNLIMITED = "UNLIMITED"


class Benefit(msgspec.Struct, frozen=True, omit_defaults=True):
    """A service that the plan pays for. `credits`: how often in each cycle, or in all when it is paid once; None: as often as wanted."""

    service_id: str
    credits: int | None = None


class Terms(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is agreed when somebody buys. `price` is that of one cycle, as text in `currency`. `duration` is one cycle of a recurring plan,
    or all of one for a time; `cycles` how many there are (0: until somebody cancels)."""

    model: Model
    price: str
    currency: str
    duration: Duration | None = None
    cycles: int = 0
    trial_days: int = 0

    @property
    def amount(self) -> Money:
        """What one cycle costs."""
        return Money.parse(self.price, self.currency)

    @property
    def is_free(self) -> bool:
        """Nothing is ever paid."""
        return not self.amount

    @property
    def recurs(self) -> bool:
        """True when it goes on, cycle after cycle."""
        return self.model is Model.RECURRING


class Details(msgspec.Struct, frozen=True, omit_defaults=True):
    """What an owner says about a plan besides its name, slug and terms. `most_per_buyer` 0: no limit."""

    description: str = ""
    perks: tuple[str, ...] = ()
    benefits: tuple[Benefit, ...] = ()
    is_primary: bool = False
    may_start_later: bool = False
    buyer_can_cancel: bool = True
    most_per_buyer: int = 0
    conditions: str = ""
    form_id: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """Something to subscribe to. Archived: nobody buys it any more, and who has bought it keeps it. Hidden: sold, and in no public list."""

    site_id: str
    id: str
    slug: str
    name: str
    is_hidden: bool
    is_archived: bool
    position: int
    terms: Terms
    details: Details
    revision: int
    created_at: int
    updated_at: int

    @property
    def is_sold(self) -> bool:
        """True when somebody can buy it now."""
        return not self.is_archived

    def benefit(self, service_id: str) -> Benefit | None:
        """What it does for a service."""
        return next((one for one in self.details.benefits if one.service_id == service_id), None)


ENTITY = "plan"
EVENTS: Mapping[str, Mapping[str, str]] = {
    ENTITY: {
        "created": told("A plan was made. Carries its fields.", "plan:map"),
        "updated": told(
            "Fields of a plan were changed. Carries all fields and the names of those that changed.", "plan:map changedFields:texts"
        ),
        "archived": told("A plan is not sold any more. Who has bought it keeps it.", "plan:map"),
    }
}
"""What is told to the world about a plan, by slug."""
