"""Ways of delivery for the owner's own server code. The rules are in `ecom/delivery/`; what is said on the wire is here."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import UNSET, Meta, UnsetType
from msgspec.structs import replace

from roundtrip.api.ecom_parts import Json, Short, WireAddress, address_in, address_out, counter, moment, owners_moment
from roundtrip.api.operation import KEYS, Call, Operation
from roundtrip.api.wire import Empty, Wire
from roundtrip.core.clock import rfc3339
from roundtrip.core.errors import invalid_field
from roundtrip.core.money import NotAnAmount, parse_amount
from roundtrip.ecom.address import Place
from roundtrip.ecom.delivery import actions, store
from roundtrip.ecom.delivery.model import Condition, DeliveryOption, Measure, Operator, Region, Step, Terms
from roundtrip.sites.change import changed_meanwhile
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Tx

Title = Annotated[str, Meta(min_length=1, max_length=100)]


class WireCondition(Wire):
    """When a price holds: a measure of what has to be sent, compared with `value` (kilograms, an amount, pieces)."""

    type: Measure
    operator: Operator
    value: Annotated[str, Meta(pattern=r"^\d{1,9}(\.\d{1,4})?$")]


class WireRate(Wire):
    """A price in the shop's currency, and all conditions that it needs."""

    amount: Annotated[str, Meta(max_length=40)]
    conditions: Annotated[list[WireCondition], Meta(max_length=10)] | None = None


class WireRegion(Wire):
    """A country, or some parts of one (ISO 3166)."""

    country: Annotated[str, Meta(min_length=2, max_length=2)]
    subdivisions: Annotated[list[Annotated[str, Meta(max_length=10)]], Meta(max_length=100)] | None = None


class ShippingOptionIn(Wire):
    """What may be said about a way of delivery. Fields that are not sent stay as they are.

    Of `rates` the first one counts whose conditions are met. Without `regions` it is offered everywhere; with `pickup` buyers fetch goods.
    """

    title: Title | UnsetType = UNSET
    rates: Annotated[list[WireRate], Meta(min_length=1, max_length=50)] | UnsetType = UNSET
    estimated_delivery_time: Short | UnsetType | None = UNSET
    regions: Annotated[list[WireRegion], Meta(max_length=250)] | UnsetType | None = UNSET
    pickup: WireAddress | UnsetType | None = UNSET
    active: bool | UnsetType = UNSET
    revision: Annotated[str, Meta(pattern=r"^\d{1,15}$")] | UnsetType = UNSET


class ShippingOptionBody(Wire):
    """A new way of delivery, or a change of one."""

    shipping_option: ShippingOptionIn


class ShippingOptionAnswer(Wire, omit_defaults=False):
    """One way of delivery."""

    shipping_option: dict[str, Any]


class ShippingOptions(Wire, omit_defaults=False):
    """All ways of delivery of the site, oldest first."""

    shipping_options: list[dict[str, Any]]


async def create(call: Call) -> ShippingOptionAnswer:
    """Make a way of delivery."""
    return ShippingOptionAnswer(await call.write(_create, call, moment(call)))


def _create(tx: Tx, call: Call, now: Moment) -> Json:
    body: ShippingOptionBody = call.body
    for field in ("title", "rates"):
        if getattr(body.shipping_option, field) is UNSET:
            raise invalid_field(f"shippingOption.{field}", "is required and missing", "REQUIRED_FIELD")
    shop = counter(tx, call).shop
    terms = _terms(Terms("", ()), body.shipping_option, shop.currency)
    return option_out(actions.create(tx, shop.site_id, terms, owners_moment(tx, call, now)))


async def get(call: Call) -> ShippingOptionAnswer:
    """Read a way of delivery."""
    return ShippingOptionAnswer(option_out(await call.read(actions.require, call.site_id, call.path_params["id"])))


async def query(call: Call) -> ShippingOptions:
    """List all ways of delivery."""
    return ShippingOptions([option_out(one) for one in await call.read(store.of_site, call.site_id)])


async def update(call: Call) -> ShippingOptionAnswer:
    """Set the fields that are sent; with `revision`, only if nobody was quicker."""
    return ShippingOptionAnswer(await call.write(_update, call, moment(call)))


def _update(tx: Tx, call: Call, now: Moment) -> Json:
    body: ShippingOptionBody = call.body
    shop = counter(tx, call).shop
    option = actions.require(tx, shop.site_id, call.path_params["id"])
    seen = body.shipping_option.revision
    if seen is not UNSET and int(seen) != option.revision:
        raise changed_meanwhile("way of delivery", int(seen))
    terms = _terms(option.terms, body.shipping_option, shop.currency)
    return option_out(actions.update(tx, option, terms, owners_moment(tx, call, now)))


async def delete(call: Call) -> Empty:
    """Delete a way of delivery; checkouts that chose it have to choose again."""
    await call.write(_delete, call, moment(call))
    return Empty()


def _delete(tx: Tx, call: Call, now: Moment) -> None:
    actions.delete(tx, call.site_id, call.path_params["id"], owners_moment(tx, call, now))


def _terms(terms: Terms, sent: ShippingOptionIn, currency: str) -> Terms:
    changes: dict[str, Any] = {}
    if sent.title is not UNSET:
        changes["title"] = sent.title.strip()
    if sent.rates is not UNSET:
        changes["rates"] = tuple(_step(place, rate, currency) for place, rate in enumerate(sent.rates))
    if sent.estimated_delivery_time is not UNSET:
        changes["delivery_time"] = sent.estimated_delivery_time or ""
    if sent.regions is not UNSET:
        changes["regions"] = tuple(_region(region) for region in sent.regions or ())
    if sent.pickup is not UNSET:
        changes["pickup"] = None if sent.pickup is None else address_in(sent.pickup)
    if sent.active is not UNSET:
        changes["is_active"] = sent.active
    return replace(terms, **changes)


def _step(place: int, rate: WireRate, currency: str) -> Step:
    field = f"shippingOption.rates[{place}].amount"
    try:
        amount = parse_amount(rate.amount, currency)
    except NotAnAmount as error:
        raise invalid_field(field, str(error), "FORMAT") from error
    if amount < 0:
        raise invalid_field(field, "must not be below zero", "FORMAT")
    conditions = tuple(Condition(one.type, one.operator, one.value) for one in rate.conditions or ())
    return Step(f"{amount:f}", conditions)


def _region(region: WireRegion) -> Region:
    places = [Place.of(region.country, part) for part in region.subdivisions or ()]
    return Region(region.country.upper(), tuple(place.subdivision for place in places))


def option_out(option: DeliveryOption) -> Json:
    """A way of delivery on the wire."""
    terms = option.terms
    found: Json = {
        "id": option.id,
        "revision": str(option.revision),
        "createdDate": rfc3339(option.created_at),
        "updatedDate": rfc3339(option.updated_at),
        "title": terms.title,
        "estimatedDeliveryTime": terms.delivery_time,
        "rates": [
            {
                "amount": step.amount,
                "conditions": [{"type": one.type, "operator": one.operator, "value": one.value} for one in step.conditions],
            }
            for step in terms.rates
        ],
        "regions": [{"country": region.country, "subdivisions": list(region.subdivisions)} for region in terms.regions],
        "active": terms.is_active,
    }
    return found | ({"pickup": address_out(terms.pickup)} if terms.pickup is not None else {})


PREFIXES = ("/ecom/v1/shipping-options", "/_api/shipping-option-service/v1/shipping-options")
PERMISSION = "shipping.manage"
_UNKNOWN = ("SHIPPING_OPTION_NOT_FOUND",)
_EXAMPLE = {
    "title": "Standard",
    "estimatedDeliveryTime": "3-5 days",
    "rates": [
        {"amount": "0", "conditions": [{"type": "BY_TOTAL_PRICE", "operator": "GTE", "value": "50"}]},
        {"amount": "5.00"},
    ],
    "regions": [{"country": "US", "subdivisions": ["US-NY"]}],
}


def _operation(name: str, method: str, rest: str, summary: str, run: Any, **more: Any) -> Operation:
    paths = tuple(prefix + rest for prefix in PREFIXES)
    kept = {"response": ShippingOptionAnswer, "permission": PERMISSION, "callers": KEYS, **more}
    return Operation(name=name, method=method, paths=paths, summary=summary, run=run, **kept)


OPERATIONS: tuple[Operation, ...] = (
    _operation(
        "CreateShippingOption",
        "POST",
        "",
        "Make a way of delivery.",
        create,
        request=ShippingOptionBody,
        example={"shippingOption": _EXAMPLE},
        errors=("TOO_MANY",),
    ),
    _operation("GetShippingOption", "GET", "/{id}", "Read a way of delivery.", get, errors=_UNKNOWN),
    _operation("QueryShippingOptions", "POST", "/query", "List all ways of delivery.", query, response=ShippingOptions),
    _operation(
        "UpdateShippingOption",
        "PATCH",
        "/{id}",
        "Set the fields of a way of delivery that are sent; with `revision`, only if nobody was quicker.",
        update,
        request=ShippingOptionBody,
        example={"shippingOption": {"revision": "1", "active": False}},
        errors=(*_UNKNOWN, "REVISION_CHANGED"),
    ),
    _operation("DeleteShippingOption", "DELETE", "/{id}", "Delete a way of delivery.", delete, response=Empty, errors=_UNKNOWN),
)
