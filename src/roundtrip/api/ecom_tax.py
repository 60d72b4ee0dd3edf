"""Tax rates and how a shop sells, for the owner's own server code."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from roundtrip.api.ecom_parts import Email, Json, Short, counter, moment, owners_moment
from roundtrip.api.operation import KEYS, Call, Operation
from roundtrip.api.query_calls import Paging
from roundtrip.api.wire import Empty, Wire
from roundtrip.core.clock import rfc3339
from roundtrip.core.errors import invalid_field
from roundtrip.ecom.address import Place
from roundtrip.ecom.settings import actions as settings
from roundtrip.ecom.shop import Question, Shop, ShopTerms, WeightUnit
from roundtrip.ecom.tax import actions, store
from roundtrip.ecom.tax.model import TaxRate
from roundtrip.sites.change import changed_meanwhile
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Tx

Percent = Annotated[str, Meta(pattern=r"^\d{1,3}(\.\d{1,4})?$")]
Revision = Annotated[str, Meta(pattern=r"^\d{1,15}$")]


class TaxRateIn(Wire):
    """One rate. Without `country` it holds everywhere, without `subdivision` in the whole country; `taxGroup` names a kind of goods."""

    name: Annotated[str, Meta(min_length=1, max_length=100)] | UnsetType = UNSET
    rate: Percent | UnsetType = UNSET
    country: Annotated[str, Meta(max_length=2)] | None = None
    subdivision: Annotated[str, Meta(max_length=10)] | None = None
    tax_group: Short | None = None
    covers_shipping: bool | UnsetType = UNSET
    revision: Revision | UnsetType = UNSET


class TaxRateBody(Wire):
    """A new rate, or a change of one; place and kind of goods stay."""

    tax_rate: TaxRateIn


class TaxRateAnswer(Wire, omit_defaults=False):
    """One rate."""

    tax_rate: dict[str, Any]


class TaxRates(Wire, omit_defaults=False):
    """Rates in order of their places."""

    tax_rates: list[dict[str, Any]]


class TaxRateQuery(Wire):
    """A part of the list."""

    paging: Paging = msgspec.field(default_factory=Paging)


class QueryTaxRates(Wire):
    """Which part of the list."""

    query: TaxRateQuery = msgspec.field(default_factory=TaxRateQuery)


async def create(call: Call) -> TaxRateAnswer:
    """Make a rate."""
    return TaxRateAnswer(await call.write(_create, call, moment(call)))


def _create(tx: Tx, call: Call, now: Moment) -> Json:
    body: TaxRateBody = call.body
    sent = body.tax_rate
    for field in ("name", "rate"):
        if getattr(sent, field) is UNSET:
            raise invalid_field(f"taxRate.{field}", "is required and missing", "REQUIRED_FIELD")
    place = Place.of(sent.country or "", sent.subdivision or "")
    if place.subdivision and not place.country:
        raise invalid_field("taxRate.subdivision", "needs the country that it is a part of", "OTHER")
    site_id = counter(tx, call).shop.site_id
    empty = TaxRate(now.id, site_id, place, (sent.tax_group or "").strip(), "", Decimal(0), False, 1, now.now, now.now)
    return rate_out(actions.create(tx, _changed(empty, sent), owners_moment(tx, call, now)))


async def get(call: Call) -> TaxRateAnswer:
    """Read a rate."""
    return TaxRateAnswer(rate_out(await call.read(actions.require, call.site_id, call.path_params["id"])))


async def query(call: Call) -> TaxRates:
    """List rates in order of their places."""
    body: QueryTaxRates = call.body
    paging = body.query.paging
    paging.check()
    return TaxRates([rate_out(one) for one in await call.read(store.page, call.site_id, paging.limit, paging.offset)])


async def update(call: Call) -> TaxRateAnswer:
    """Set the fields that are sent; with `revision`, only if nobody was quicker."""
    return TaxRateAnswer(await call.write(_update, call, moment(call)))


def _update(tx: Tx, call: Call, now: Moment) -> Json:
    body: TaxRateBody = call.body
    rate = actions.require(tx, counter(tx, call).shop.site_id, call.path_params["id"])
    seen = body.tax_rate.revision
    if seen is not UNSET and int(seen) != rate.revision:
        raise changed_meanwhile("tax rate", int(seen))
    return rate_out(actions.update(tx, rate, _changed(rate, body.tax_rate), owners_moment(tx, call, now)))


async def delete(call: Call) -> Empty:
    """Delete a rate."""
    await call.write(_delete, call, moment(call))
    return Empty()


def _delete(tx: Tx, call: Call, now: Moment) -> None:
    actions.delete(tx, call.site_id, call.path_params["id"], owners_moment(tx, call, now))


def _changed(rate: TaxRate, sent: TaxRateIn) -> TaxRate:
    percent = rate.percent if sent.rate is UNSET else Decimal(sent.rate)
    if percent > 100:
        raise invalid_field("taxRate.rate", "must be a percentage from 0 to 100", "FORMAT")
    return replace(
        rate,
        name=rate.name if sent.name is UNSET else sent.name.strip(),
        percent=percent,
        covers_delivery=rate.covers_delivery if sent.covers_shipping is UNSET else sent.covers_shipping,
    )


def rate_out(rate: TaxRate) -> Json:
    """A rate on the wire."""
    return {
        "id": rate.id,
        "revision": str(rate.revision),
        "createdDate": rfc3339(rate.created_at),
        "updatedDate": rfc3339(rate.updated_at),
        "name": rate.name,
        "rate": f"{rate.percent:f}",
        "country": rate.place.country,
        "subdivision": rate.place.subdivision,
        "taxGroup": rate.tax_group,
        "coversShipping": rate.covers_delivery,
    }


class WireQuestion(Wire):
    """One more thing that buyers are asked."""

    title: Annotated[str, Meta(min_length=1, max_length=100)]
    required: bool = False


class ShopSettingsIn(Wire):
    """How the site sells. Fields that are not sent stay as they are."""

    tax_included_in_prices: bool | UnsetType = UNSET
    weight_unit: WeightUnit | UnsetType = UNSET
    gift_note: bool | UnsetType = UNSET
    checkout_fields: Annotated[list[WireQuestion], Meta(max_length=20)] | UnsetType = UNSET
    orders_email: Email | UnsetType | None = UNSET
    back_in_stock_requests: bool | UnsetType = UNSET
    revision: Revision | UnsetType = UNSET


class ShopSettingsBody(Wire):
    """A change of how the site sells."""

    shop_settings: ShopSettingsIn


class ShopSettingsAnswer(Wire, omit_defaults=False):
    """How the site sells."""

    shop_settings: dict[str, Any]


async def get_settings(call: Call) -> ShopSettingsAnswer:
    """Read how the site sells."""
    return ShopSettingsAnswer(await call.read(_get_settings, call))


def _get_settings(tx: Tx, call: Call) -> Json:
    return settings_out(counter(tx, call).shop)


async def update_settings(call: Call) -> ShopSettingsAnswer:
    """Set the fields that are sent; with `revision`, only if nobody was quicker."""
    return ShopSettingsAnswer(await call.write(_update_settings, call, moment(call)))


def _update_settings(tx: Tx, call: Call, now: Moment) -> Json:
    body: ShopSettingsBody = call.body
    shop, sent = counter(tx, call).shop, body.shop_settings
    if sent.revision is not UNSET and int(sent.revision) != shop.revision:
        raise changed_meanwhile(settings.NAME, int(sent.revision))
    return settings_out(settings.update(tx, shop, _terms(shop.terms, sent), owners_moment(tx, call, now)))


def _terms(terms: ShopTerms, sent: ShopSettingsIn) -> ShopTerms:
    changes: dict[str, Any] = {}
    if sent.tax_included_in_prices is not UNSET:
        changes["tax_included"] = sent.tax_included_in_prices
    if sent.weight_unit is not UNSET:
        changes["weight_unit"] = sent.weight_unit
    if sent.gift_note is not UNSET:
        changes["offers_gift_note"] = sent.gift_note
    if sent.checkout_fields is not UNSET:
        changes["questions"] = tuple(Question(one.title.strip(), one.required) for one in sent.checkout_fields)
    if sent.back_in_stock_requests is not UNSET:
        changes["takes_back_in_stock"] = sent.back_in_stock_requests
    if sent.orders_email is not UNSET:
        changes["orders_email"] = (sent.orders_email or "").strip()
        if changes["orders_email"] and "@" not in changes["orders_email"]:
            raise invalid_field("shopSettings.ordersEmail", "must be an e-mail address, or null for all owners", "FORMAT")
    return msgspec.structs.replace(terms, **changes)


def settings_out(shop: Shop) -> Json:
    """How a site sells on the wire."""
    return {
        "currency": shop.currency,
        "taxIncludedInPrices": shop.terms.tax_included,
        "weightUnit": shop.terms.weight_unit,
        "giftNote": shop.terms.offers_gift_note,
        "checkoutFields": [{"title": one.title, "required": one.is_required} for one in shop.terms.questions],
        "ordersEmail": shop.terms.orders_email or None,
        "backInStockRequests": shop.terms.takes_back_in_stock,
        "revision": str(shop.revision),
    }


_UNKNOWN = ("TAX_RATE_NOT_FOUND",)
_EXAMPLE = {"name": "Sales tax", "rate": "8.875", "country": "US", "subdivision": "US-NY", "coversShipping": True}


def _operation(name: str, method: str, path: str, summary: str, run: Any, **more: Any) -> Operation:
    kept = {"response": TaxRateAnswer, "permission": "tax.manage", "callers": KEYS, **more}
    return Operation(name=name, method=method, paths=(path,), summary=summary, run=run, **kept)


OPERATIONS: tuple[Operation, ...] = (
    _operation(
        "CreateTaxRate",
        "POST",
        "/api/v1/tax-rates",
        "Make a tax rate for a place and a kind of goods.",
        create,
        request=TaxRateBody,
        example={"taxRate": _EXAMPLE},
        errors=("TAX_RATE_EXISTS",),
    ),
    _operation("GetTaxRate", "GET", "/api/v1/tax-rates/{id}", "Read a tax rate.", get, errors=_UNKNOWN),
    _operation(
        "QueryTaxRates",
        "POST",
        "/api/v1/tax-rates/query",
        "List tax rates in order of their places.",
        query,
        request=QueryTaxRates,
        response=TaxRates,
        example={"query": {"paging": {"limit": 50, "offset": 0}}},
    ),
    _operation(
        "UpdateTaxRate",
        "PATCH",
        "/api/v1/tax-rates/{id}",
        "Set the fields of a tax rate that are sent; its place and kind of goods stay.",
        update,
        request=TaxRateBody,
        example={"taxRate": {"rate": "9", "revision": "1"}},
        errors=(*_UNKNOWN, "REVISION_CHANGED"),
    ),
    _operation("DeleteTaxRate", "DELETE", "/api/v1/tax-rates/{id}", "Delete a tax rate.", delete, response=Empty, errors=_UNKNOWN),
    _operation(
        "GetShopSettings",
        "GET",
        "/api/v1/shop-settings",
        "Read how the site sells.",
        get_settings,
        permission="shop.manage",
        response=ShopSettingsAnswer,
    ),
    _operation(
        "UpdateShopSettings",
        "PATCH",
        "/api/v1/shop-settings",
        "Set how the site sells: taxes in prices, questions at checkout, who gets a mail for each order.",
        update_settings,
        permission="shop.manage",
        request=ShopSettingsBody,
        response=ShopSettingsAnswer,
        example={"shopSettings": {"taxIncludedInPrices": True, "ordersEmail": "orders@shop.example"}},
        errors=("REVISION_CHANGED",),
    ),
)
