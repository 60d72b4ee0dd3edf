"""Plans on the public wire. Every function raises `ApiError`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from examples.demo_site.api import Api, mapping
from examples.demo_site.trace import Trace

PLANS_PATH = "/pricing-plans/v2/plans/public/query"


@dataclass(frozen=True, slots=True)
class Plan:
    """Something to subscribe to, as this site shows it."""

    id: str
    name: str
    description: str
    price: str
    perks: tuple[str, ...]
    is_primary: bool


async def plans(api: Api, trace: Trace, token: str, ids: Sequence[str] = ()) -> list[Plan]:
    """Everything that is sold, in the owner's order; with `ids` only these."""
    query: dict[str, object] = {"paging": {"limit": 50, "offset": 0}, "filter": {"id": {"$in": list(ids)}} if ids else {}}
    answer = await api.call(trace, "Which plans are there?", "POST", PLANS_PATH, body={"query": query}, access_token=token)
    found = answer.get("plans")
    return [_plan(one) for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def _plan(found: Mapping[str, Any]) -> Plan:
    perks = mapping(found.get("perks")).get("values")
    return Plan(
        id=str(found.get("id")),
        name=str(found.get("name")),
        description=str(found.get("description") or ""),
        price=_price(mapping(found.get("pricing"))),
        perks=tuple(str(one) for one in perks) if isinstance(perks, list) else (),
        is_primary=found.get("primary") is True,
    )


def _price(pricing: Mapping[str, Any]) -> str:
    price = mapping(pricing.get("price"))
    value = str(price.get("value"))
    if not float(value):
        return "Free"
    amount = f"{value} {price.get('currency')}"
    cycle = mapping(mapping(pricing.get("subscription")).get("cycleDuration"))
    if cycle:
        trial = pricing.get("freeTrialDays")
        return f"{amount} every {_length(cycle, alone='')}" + (f", {trial} days free" if trial else "")
    length = mapping(pricing.get("singlePaymentForDuration"))
    return f"{amount} for {_length(length, alone='1 ')}" if length else amount


def _length(length: Mapping[str, Any], alone: str) -> str:
    count, unit = int(length.get("count") or 1), str(length.get("unit")).lower()
    return f"{alone}{unit}" if count == 1 else f"{count} {unit}s"
