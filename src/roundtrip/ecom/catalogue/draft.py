"""What an owner says about a product or a collection, with the shape and size of each field. Fields that are not sent are UNSET.

What fields mean together is decided in `product_fields.py`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

Name = Annotated[str, Meta(min_length=1, max_length=80)]
Slug = Annotated[str, Meta(min_length=1, max_length=100, pattern="^[a-z0-9]+(-+[a-z0-9]+)*$")]
Html = Annotated[str, Meta(max_length=16_000)]
Word = Annotated[str, Meta(max_length=50)]
Amount = str | float | int
MOST_QUANTITY = 1_000_000_000
Quantity = Annotated[int, Meta(ge=0, le=MOST_QUANTITY)]


class _Draft(msgspec.Struct, rename="camel", omit_defaults=True):
    """A field's name on the wire is its name in masks and in the audit log."""


class MediumDraft(_Draft):
    """A picture: the id of one of the site's, or an https address with its size in pixels."""

    id: Annotated[str, Meta(max_length=150)] = ""
    url: Annotated[str, Meta(max_length=2048)] = ""
    width: Annotated[int, Meta(ge=0, le=20_000)] = 0
    height: Annotated[int, Meta(ge=0, le=20_000)] = 0
    alt_text: Annotated[str, Meta(max_length=300)] = ""


class ChoiceDraft(_Draft):
    """`description` is what is shown, `value` the colour of a colour; one of them is enough."""

    value: Annotated[str, Meta(max_length=50)] = ""
    description: Annotated[str, Meta(max_length=50)] = ""
    visible: bool = True


class OptionDraft(_Draft):
    """Something to choose before buying."""

    name: Annotated[str, Meta(min_length=1, max_length=50)]
    choices: Annotated[list[ChoiceDraft], Meta(min_length=1, max_length=100)]
    option_type: Literal["drop_down", "color"] = "drop_down"


class StockDraft(_Draft):
    """Counted (`trackInventory` with `quantity`), or there (`inStock`) or not."""

    track_inventory: bool | None = None
    quantity: Quantity | None = None
    in_stock: bool | None = None


class VariantDraft(_Draft):
    """One combination of choices. `price` and `weight` absent: the product's. `stock` absent: that of before, or there."""

    choices: Annotated[dict[str, str], Meta(max_length=6)]
    sku: Annotated[str, Meta(max_length=40)] = ""
    price: Amount | None = None
    weight: Amount | None = None
    visible: bool = True
    stock: StockDraft | None = None


class DiscountDraft(_Draft):
    """What is taken off every price."""

    type: Literal["NONE", "PERCENT", "AMOUNT"] = "NONE"
    value: Amount = 0


class PriceDraft(_Draft):
    """The price, in the place where it is read."""

    price: Amount | None = None


class SectionDraft(_Draft):
    """More about a product."""

    title: Annotated[str, Meta(min_length=1, max_length=80)]
    description: Html = ""


class ProductDraft(_Draft):
    """A product as its owner says it is. `price` and `discount` are in the currency of the site."""

    name: Name | UnsetType | None = UNSET
    slug: Slug | UnsetType | None = UNSET
    product_type: Literal["physical", "digital"] | UnsetType | None = UNSET
    description: Html | UnsetType | None = UNSET
    visible: bool | UnsetType | None = UNSET
    price: Amount | UnsetType | None = UNSET
    price_data: PriceDraft | UnsetType | None = UNSET
    discount: DiscountDraft | UnsetType | None = UNSET
    weight: Amount | UnsetType | None = UNSET
    sku: Annotated[str, Meta(max_length=40)] | UnsetType | None = UNSET
    stock: StockDraft | UnsetType | None = UNSET
    manage_variants: bool | UnsetType | None = UNSET
    product_options: Annotated[list[OptionDraft], Meta(max_length=6)] | UnsetType | None = UNSET
    variants: Annotated[list[VariantDraft], Meta(max_length=300)] | UnsetType | None = UNSET
    media: Annotated[list[MediumDraft], Meta(max_length=15)] | UnsetType | None = UNSET
    additional_info_sections: Annotated[list[SectionDraft], Meta(max_length=20)] | UnsetType | None = UNSET
    ribbon: Word | UnsetType | None = UNSET
    brand: Word | UnsetType | None = UNSET
    tax_group: Word | UnsetType | None = UNSET
    collection_ids: Annotated[list[Annotated[str, Meta(max_length=36)]], Meta(max_length=50)] | UnsetType | None = UNSET
    revision: int | str | None = None


class CollectionDraft(_Draft):
    """A collection as its owner says it is."""

    name: Name | UnsetType | None = UNSET
    slug: Slug | UnsetType | None = UNSET
    description: Html | UnsetType | None = UNSET
    visible: bool | UnsetType | None = UNSET
    media: Annotated[list[MediumDraft], Meta(max_length=15)] | UnsetType | None = UNSET
    revision: int | str | None = None


NOT_FIELDS = frozenset({"revision"})


def fields_of(kind: type[msgspec.Struct]) -> tuple[str, ...]:
    """The names of everything that can be set."""
    return tuple(field.encode_name for field in msgspec.structs.fields(kind) if field.encode_name not in NOT_FIELDS)


def sent(draft: ProductDraft | CollectionDraft) -> dict[str, Any]:
    """What was sent, by name; null empties a field."""
    return {
        field.encode_name: value
        for field in msgspec.structs.fields(type(draft))
        if field.encode_name not in NOT_FIELDS and (value := getattr(draft, field.name)) is not UNSET
    }
