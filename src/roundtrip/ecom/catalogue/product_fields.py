"""The fields of a product that can be set, and what they mean together. Pure: what exists in the database is checked in `actions.py`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import msgspec

from roundtrip.core.errors import invalid_field
from roundtrip.ecom.catalogue.draft import (
    DiscountDraft,
    PriceDraft,
    SectionDraft,
)
from roundtrip.ecom.catalogue.field_values import clean_html, grams_of, media_of, price_of, stocked
from roundtrip.ecom.catalogue.model import NO_DISCOUNT, Discount, Product, ProductKind, Section
from roundtrip.ecom.catalogue.option_fields import Fresh, with_options


def with_fields(product: Product, fields: Mapping[str, Any], fresh: Fresh) -> Product:
    """The product with these fields set; absent ones stay, None empties one. Raises INVALID for the first value that is not fine.

    `stock`, `sku` and `variants` come out as variants; those that were there keep their stock where nothing else is said.
    """
    changed = replace(product, **{attribute: value for name in fields for attribute, value in _plain(product, name, fields[name])})
    changed = with_options(changed, fields, fresh)
    if "stock" in fields or "sku" in fields:
        changed = _with_only_variant(changed, fields)
    _require_fitting_discount(changed)
    return changed


def _plain(product: Product, name: str, value: Any) -> Sequence[tuple[str, Any]]:
    if name in _ATTRIBUTES:
        attribute, read = _ATTRIBUTES[name]
        return [(attribute, read(value))]
    if name == "slug":
        return [("slug", value)] if value else []
    if name in ("price", "priceData"):
        amount = value.price if isinstance(value, PriceDraft) else value
        place = name if name == "price" else "priceData.price"
        return [("price", price_of(place, 0 if amount is None else amount, product.price.currency))]
    return []  # `with_options` and `_with_only_variant` read the others


def _name(value: str | None) -> str:
    text = (value or "").strip()
    if not text:
        raise invalid_field("name", "must have at least 1 character that is seen", "MIN_LENGTH", threshold=1)
    return text


def _discount(value: DiscountDraft | None) -> Discount:
    if value is None or value.type == "NONE":
        return NO_DISCOUNT
    text = str(value.value)
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    most = 100 if value.type == "PERCENT" else 10**12
    if not (number.is_finite() and 0 <= number <= most and number == number.quantize(Decimal("0.0001"))):
        wanted = "from 0 to 100" if value.type == "PERCENT" else "of money"
        raise invalid_field("discount.value", f"must be a number {wanted} with at most 4 decimals (received {text[:40]})", "FORMAT")
    return Discount(value.type, f"{number:f}")


def _sections(drafts: Sequence[SectionDraft] | None) -> tuple[Section, ...]:
    return tuple(Section(f"section-{number}", one.title.strip(), clean_html(one.description)) for number, one in enumerate(drafts or (), 1))


_ATTRIBUTES: Final[Mapping[str, tuple[str, Callable[[Any], Any]]]] = {
    "name": ("name", _name),
    "productType": ("kind", lambda value: ProductKind(value or "physical")),
    "description": ("description", lambda value: clean_html(value or "")),
    "visible": ("visible", lambda value: True if value is None else value),
    "discount": ("discount", _discount),
    "weight": ("weight_grams", lambda value: None if value is None else grams_of("weight", value)),
    "media": ("media", lambda value: media_of(value or ())),
    "additionalInfoSections": ("sections", _sections),
    "ribbon": ("ribbon", lambda value: (value or "").strip()),
    "brand": ("brand", lambda value: (value or "").strip()),
    "taxGroup": ("tax_group", lambda value: (value or "").strip()),
}
"""What one field alone sets, and how it is read."""


def _require_fitting_discount(product: Product) -> None:
    """An amount has to be one that the currency can pay."""
    if product.discount.kind == "AMOUNT":
        price_of("discount.value", product.discount.value, product.price.currency)


def _with_only_variant(product: Product, fields: Mapping[str, Any]) -> Product:
    if product.manages_variants:
        name = "stock" if "stock" in fields else "sku"
        raise invalid_field(name, f"is that of each variant when variants are managed; set variants[].{name}", "FORMAT")
    only = product.variants[0]
    if "sku" in fields:
        only = replace(only, sku=fields["sku"] or "")
    return replace(product, variants=(stocked(only, fields.get("stock")),))


def picture(product: Product) -> dict[str, Any]:
    """Every field with plain values, for the audit log and for events. Stock is left out: it changes without its owner."""
    return {
        "name": product.name,
        "slug": product.slug,
        "productType": product.kind.value,
        "description": product.description,
        "visible": product.visible,
        "price": product.price.text,
        "currency": product.price.currency,
        "discount": msgspec.to_builtins(product.discount),
        "weightGrams": product.weight_grams,
        "manageVariants": product.manages_variants,
        "productOptions": msgspec.to_builtins(product.options),
        "variants": [
            {"id": one.id, "choices": dict(one.choices), "sku": one.sku, "price": one.price and one.price.text, "visible": one.visible}
            for one in product.variants
        ],
        "media": msgspec.to_builtins(product.media),
        "additionalInfoSections": msgspec.to_builtins(product.sections),
        "ribbon": product.ribbon,
        "brand": product.brand,
        "taxGroup": product.tax_group,
        "collectionIds": list(product.collection_ids),
    }
