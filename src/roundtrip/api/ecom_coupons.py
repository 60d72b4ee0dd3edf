"""Coupons for the owner's own server code. The rules are in `ecom/coupons/`; what is said on the wire is here."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from roundtrip.api.ecom_parts import Json, counter, moment, owners_moment
from roundtrip.api.operation import KEYS, Answer, Call, Operation
from roundtrip.api.query_calls import FARTHEST, MOST_ON_PAGE, FieldMask, Paging, paths_of
from roundtrip.api.stores_views import number
from roundtrip.api.wire import Empty, Wire
from roundtrip.core.clock import rfc3339
from roundtrip.core.errors import invalid_field
from roundtrip.core.money import HIGHEST, Money, rounded
from roundtrip.ecom.coupons import actions, store
from roundtrip.ecom.coupons.model import LONGEST_CODE, Coupon, CouponKind, Terms
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Tx

NOTHING_CHANGED = b"Nothing was changed: fieldMask.paths names no field of the specification. List there the fields that are to be set."
Millis = Annotated[int, Meta(ge=0, le=2**53)] | Annotated[str, Meta(pattern=r"^\d{1,16}$")]
Times = Annotated[int, Meta(ge=1, le=10**9)]
STORES = "stores"
MOST_COUNTED = FARTHEST + MOST_ON_PAGE
"""As far as paging leads: a list is not counted further than anybody can turn its pages."""


class Group(Wire):
    """One product or one collection (`entityId`), or all of them."""

    name: str
    entity_id: Annotated[str, Meta(max_length=100)] | None = None


class Scope(Wire):
    """Which goods a coupon is for: all of the store, or a group."""

    namespace: str
    group: Group | None = None


class Specification(Wire):
    """What a coupon is. Exactly one of `moneyOffAmount`, `percentOffRate` and `freeShipping`; times are UTC milliseconds."""

    name: Annotated[str, Meta(min_length=1, max_length=100)] | None = None
    code: Annotated[str, Meta(min_length=1, max_length=LONGEST_CODE)] | None = None
    start_time: Millis | None = None
    expiration_time: Millis | None = None
    usage_limit: Times | None = None
    limit_per_customer: Times | None = None
    limited_to_one_item: bool | None = None
    active: bool | None = None
    scope: Scope | None = None
    minimum_subtotal: Decimal | None = None
    money_off_amount: Decimal | None = None
    percent_off_rate: Decimal | None = None
    free_shipping: bool | None = None
    fixed_price_amount: Decimal | None = None
    buy_x_get_y: dict[str, Any] | None = None


class CreateCoupon(Wire):
    """A new coupon. `name`, `code` and what it takes off are needed."""

    specification: Specification


class UpdateCoupon(Wire):
    """A change of a coupon. Without `fieldMask.paths` nothing changes (OPS-04)."""

    specification: Specification
    field_mask: FieldMask | None = None


class CouponId(Wire, omit_defaults=False):
    """The id of the new coupon."""

    id: str


class CouponAnswer(Wire, omit_defaults=False):
    """One coupon."""

    coupon: dict[str, Any]


class CouponQuery(Wire):
    """A part of the list, newest first; or the one with a code."""

    paging: Paging | None = None
    filter: dict[str, Any] | str | None = None


class QueryCoupons(Wire):
    """Which coupons."""

    query: CouponQuery | None = None


class Coupons(Wire, omit_defaults=False):
    """Coupons of the site, newest first."""

    coupons: list[dict[str, Any]]
    total_results: int


async def create(call: Call) -> CouponId:
    """Make a coupon."""
    return CouponId(await call.write(_create, call, moment(call)))


def _create(tx: Tx, call: Call, now: Moment) -> str:
    body: CreateCoupon = call.body
    shop = counter(tx, call).shop
    sent = body.specification
    for field, value in (("name", sent.name), ("code", sent.code)):
        if value is None or not value.strip():
            raise invalid_field(f"specification.{field}", "is required and missing", "REQUIRED_FIELD")
    empty = Coupon(now.id, shop.site_id, Terms("", "", CouponKind.PERCENT), True, now.now, None, None, None, 0, 1, now.now, now.now)
    named = frozenset(name for name in _FIELDS if getattr(sent, _FIELDS[name]) is not None)
    made = _changed(empty, sent, named, shop.currency, is_new=True)
    return actions.create(tx, made, owners_moment(tx, call, now)).id


async def get(call: Call) -> CouponAnswer:
    """Read a coupon."""
    return CouponAnswer(coupon_out(await call.read(actions.require, call.site_id, call.path_params["id"]), call.now))


async def query(call: Call) -> Coupons:
    """List coupons, newest first, or find the one with a code."""
    return await call.read(_query, call)


def _query(tx: Tx, call: Call) -> Coupons:
    body: QueryCoupons = call.body
    site_id, wanted = call.site_id, body.query or CouponQuery()
    paging = wanted.paging or Paging()
    paging.check()
    code = _wanted_code(wanted.filter)
    if code is not None:
        found = store.by_code(tx, site_id, code)
        return Coupons([coupon_out(found, call.now)] if found else [], 1 if found else 0)
    page = store.page(tx, site_id, paging.limit, paging.offset)
    return Coupons([coupon_out(one, call.now) for one in page], store.count(tx, site_id, MOST_COUNTED))


def _wanted_code(wanted: dict[str, Any] | str | None) -> str | None:
    if isinstance(wanted, str):
        try:
            wanted = msgspec.json.decode(wanted or "{}")
        except (msgspec.DecodeError, RecursionError) as error:
            raise invalid_field("query.filter", "must be an object, or one as JSON", "FORMAT") from error
    if not wanted:
        return None
    match wanted:
        case {"specification.code": str(code)} | {"specification.code": {"$eq": str(code)}} if len(wanted) == 1:
            return code
    raise invalid_field("query.filter", 'can only be {"specification.code": "..."}', "INVALID_ENUM_VALUE")


async def update(call: Call) -> Answer:
    """Set the masked fields of a coupon; without a mask nothing changes and a header says so."""
    body: UpdateCoupon = call.body
    named = [path.removeprefix("specification.") for path in paths_of(body.field_mask)]
    if not named:
        return Answer(msgspec.json.encode(await get(call)), headers=((b"x-roundtrip-notice", NOTHING_CHANGED),))
    unknown = next((name for name in named if name not in _FIELDS), None)
    if unknown is not None:
        raise invalid_field("fieldMask.paths", f"names {unknown[:40]!r}; there are {', '.join(_FIELDS)}", "INVALID_ENUM_VALUE")
    return Answer(msgspec.json.encode(CouponAnswer(await call.write(_update, call, frozenset(named), moment(call)))))


def _update(tx: Tx, call: Call, named: frozenset[str], now: Moment) -> Json:
    body: UpdateCoupon = call.body
    shop = counter(tx, call).shop
    coupon = actions.require(tx, shop.site_id, call.path_params["id"])
    changed = _changed(coupon, body.specification, named, shop.currency, is_new=False)
    return coupon_out(actions.update(tx, coupon, changed, owners_moment(tx, call, now)), call.now)


async def delete(call: Call) -> Empty:
    """Delete a coupon; orders keep what it took off."""
    await call.write(_delete, call, moment(call))
    return Empty()


def _delete(tx: Tx, call: Call, now: Moment) -> None:
    actions.delete(tx, call.site_id, call.path_params["id"], owners_moment(tx, call, now))


_FIELDS = {
    "name": "name",
    "code": "code",
    "startTime": "start_time",
    "expirationTime": "expiration_time",
    "usageLimit": "usage_limit",
    "limitPerCustomer": "limit_per_customer",
    "limitedToOneItem": "limited_to_one_item",
    "active": "active",
    "scope": "scope",
    "minimumSubtotal": "minimum_subtotal",
    "moneyOffAmount": "money_off_amount",
    "percentOffRate": "percent_off_rate",
    "freeShipping": "free_shipping",
    "fixedPriceAmount": "fixed_price_amount",
    "buyXGetY": "buy_x_get_y",
}
_KINDS = {"moneyOffAmount": CouponKind.FIXED, "percentOffRate": CouponKind.PERCENT, "freeShipping": CouponKind.FREE_SHIPPING}
_NOT_HERE = ("fixedPriceAmount", "buyXGetY", "limitedToOneItem")


def _changed(coupon: Coupon, sent: Specification, named: frozenset[str], currency: str, *, is_new: bool) -> Coupon:
    """The coupon with the named fields as they were sent; a field that is named and empty is taken back."""
    for name in _NOT_HERE:
        if name in named and getattr(sent, _FIELDS[name]):
            raise invalid_field(f"specification.{name}", f"is not supported; there are {', '.join(_KINDS)}", "OTHER")
    terms = _terms(coupon.terms, sent, named, currency, is_new=is_new)
    starts_at = int(sent.start_time) if "startTime" in named and sent.start_time is not None else coupon.starts_at
    ends_at = (None if sent.expiration_time is None else int(sent.expiration_time)) if "expirationTime" in named else coupon.ends_at
    if ends_at is not None and ends_at <= starts_at:
        raise invalid_field("specification.expirationTime", "must be later than startTime", "OTHER")
    return replace(
        coupon,
        terms=terms,
        is_active=sent.active is not False if "active" in named else coupon.is_active,
        starts_at=starts_at,
        ends_at=ends_at,
        usage_limit=sent.usage_limit if "usageLimit" in named else coupon.usage_limit,
        limit_per_customer=sent.limit_per_customer if "limitPerCustomer" in named else coupon.limit_per_customer,
    )


def _terms(terms: Terms, sent: Specification, named: frozenset[str], currency: str, *, is_new: bool) -> Terms:
    kinds = [name for name in _KINDS if name in named and _is_said(getattr(sent, _FIELDS[name]))]
    if len(kinds) > 1 or (is_new and not kinds):
        raise invalid_field("specification", f"must have exactly one of {', '.join(_KINDS)}", "ONE_OF_ALIGNMENT")
    changes: dict[str, Any] = {}
    if kinds:
        changes["kind"] = _KINDS[kinds[0]]
        changes["value"] = _value(kinds[0], sent, currency)
    for name in ("name", "code"):
        if name in named:
            changes[name] = (getattr(sent, name) or "").strip()
            if not changes[name]:
                raise invalid_field(f"specification.{name}", "must not be empty", "MIN_LENGTH", threshold=1)
    if "minimumSubtotal" in named:
        least = sent.minimum_subtotal
        changes["minimum_subtotal"] = None if not least else _amount("minimumSubtotal", least, currency)
    if "scope" in named:
        changes |= _scope(sent.scope)
    return msgspec.structs.replace(terms, **changes)


def _is_said(value: Decimal | bool | None) -> bool:
    """True for an amount, 0 too, and for yes."""
    return value is not None and value is not False


def _scope(scope: Scope | None) -> dict[str, str | None]:
    if scope is None or (scope.namespace == STORES and (scope.group is None or scope.group.entity_id is None)):
        return {"item_id": None, "collection_id": None}
    if scope.namespace != STORES or scope.group is None or scope.group.name not in ("product", "collection"):
        text = 'must be {"namespace": "stores"}, with a group of the name "product" or "collection" if it is for some goods only'
        raise invalid_field("specification.scope", text, "INVALID_ENUM_VALUE")
    named = (scope.group.entity_id or "").lower()
    is_product = scope.group.name == "product"
    return {"item_id": named if is_product else None, "collection_id": None if is_product else named}


def _value(name: str, sent: Specification, currency: str) -> str:
    if name == "freeShipping":
        return "0"
    if name == "moneyOffAmount":
        return _amount(name, sent.money_off_amount or Decimal(0), currency)
    share = sent.percent_off_rate or Decimal(0)
    if not share.is_finite() or not 0 < share <= 100 or share != round(share, 3):
        raise invalid_field(f"specification.{name}", "must be more than 0 and at most 100, with at most three decimals", "FORMAT")
    return f"{share:f}"


def _amount(name: str, amount: Decimal, currency: str) -> str:
    if not amount.is_finite() or not 0 < amount <= HIGHEST or rounded(amount, currency) != amount:
        raise invalid_field(f"specification.{name}", f"must be an amount above zero that can be paid in {currency}", "FORMAT")
    return Money.of(amount, currency).text


def coupon_out(coupon: Coupon, now: int) -> Json:
    """A coupon on the wire."""
    terms = coupon.terms
    group = {"product": terms.item_id, "collection": terms.collection_id}
    narrowed = next(({"name": name, "entityId": entity} for name, entity in group.items() if entity), None)
    found: Json = {
        "name": terms.name,
        "code": terms.code,
        "startTime": str(coupon.starts_at),
        "expirationTime": None if coupon.ends_at is None else str(coupon.ends_at),
        "usageLimit": coupon.usage_limit,
        "limitPerCustomer": coupon.limit_per_customer,
        "limitedToOneItem": False,
        "active": coupon.is_active,
        "scope": {"namespace": STORES, **({"group": narrowed} if narrowed else {})},
        "minimumSubtotal": _number(terms.minimum_subtotal),
        "moneyOffAmount": _number(terms.value) if terms.kind is CouponKind.FIXED else None,
        "percentOffRate": _number(terms.value) if terms.kind is CouponKind.PERCENT else None,
        "freeShipping": True if terms.kind is CouponKind.FREE_SHIPPING else None,
    }
    return {
        "id": coupon.id,
        "specification": {name: value for name, value in found.items() if value is not None},
        "dateCreated": rfc3339(coupon.created_at),
        "numberOfUsages": coupon.used,
        "expired": coupon.ends_at is not None and now >= coupon.ends_at,
        "revision": str(coupon.revision),
    }


def _number(text: str | None) -> int | float | None:
    return None if text is None else number(Decimal(text))


PREFIXES = ("/stores/v2/coupons", "/v2/coupons")
PERMISSION = "coupon.manage"
_EXAMPLE = {"name": "Welcome", "code": "WELCOME10", "percentOffRate": 10, "scope": {"namespace": "stores"}}


def _paths(rest: str = "") -> tuple[str, ...]:
    return tuple(prefix + rest for prefix in PREFIXES)


def _operation(name: str, method: str, rest: str, summary: str, run: Any, **more: Any) -> Operation:
    return Operation(name=name, method=method, paths=_paths(rest), summary=summary, run=run, permission=PERMISSION, callers=KEYS, **more)


OPERATIONS: tuple[Operation, ...] = (
    _operation(
        "CreateCoupon",
        "POST",
        "",
        "Make a coupon: percent, an amount, or free shipping.",
        create,
        request=CreateCoupon,
        response=CouponId,
        example={"specification": _EXAMPLE},
        errors=("COUPON_CODE_TAKEN",),
    ),
    _operation("GetCoupon", "GET", "/{id}", "Read a coupon.", get, response=CouponAnswer, errors=("COUPON_NOT_FOUND",)),
    _operation(
        "QueryCoupons",
        "POST",
        "/query",
        "List coupons, newest first, or find the one with a code.",
        query,
        request=QueryCoupons,
        response=Coupons,
        example={"query": {"filter": {"specification.code": "WELCOME10"}, "paging": {"limit": 50, "offset": 0}}},
    ),
    _operation(
        "UpdateCoupon",
        "PATCH",
        "/{id}",
        "Set the fields of a coupon that `fieldMask.paths` names; without a mask nothing changes and `x-roundtrip-notice` says so.",
        update,
        request=UpdateCoupon,
        response=CouponAnswer,
        example={"specification": {"active": False}, "fieldMask": {"paths": ["active"]}},
        errors=("COUPON_NOT_FOUND", "COUPON_CODE_TAKEN", "COUPON_KIND_FIXED", "REVISION_CHANGED"),
    ),
    _operation("DeleteCoupon", "DELETE", "/{id}", "Delete a coupon.", delete, response=Empty, errors=("COUPON_NOT_FOUND",)),
)
