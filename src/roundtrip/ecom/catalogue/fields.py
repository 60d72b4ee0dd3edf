"""What products and collections can be asked for, in the words of either view."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from roundtrip.ecom.catalogue.model import ALL_PRODUCTS, ALL_PRODUCTS_ALIAS
from roundtrip.query.fields import Field, Fields, Kind

_ID = Field(Kind.ID, "product.id")
_NAME = Field(Kind.TEXT, "product.name", folded="product.name_key", sortable=True)
_SLUG = Field(Kind.TEXT, "product.slug", sortable=True)
_PRICE = Field(Kind.DECIMAL, "product.price_rank", sortable=True, scale=4)
_CREATED = Field(Kind.TIME, "product.created_at", sortable=True)
_UPDATED = Field(Kind.TIME, "product.updated_at", sortable=True)
_MEMBERS = "FROM collection_product AS member WHERE member.site_id = :site_id"
_ALL = {ALL_PRODUCTS_ALIAS: ALL_PRODUCTS}
_COLLECTIONS = Field(
    Kind.LIST, "member.collection_id", members=_MEMBERS, owner="product.id", member="member.product_id", everywhere=ALL_PRODUCTS, same=_ALL
)
_CATEGORIES = replace(_COLLECTIONS, item="id")

PRODUCTS_V1: Final = Fields(
    {
        "id": _ID,
        "name": _NAME,
        "slug": _SLUG,
        "visible": Field(Kind.BOOLEAN, "product.visible"),
        "productType": Field(Kind.TEXT, "product.kind"),
        "price": _PRICE,
        "priceData.price": _PRICE,
        "numericId": Field(Kind.INTEGER, "product.number", sortable=True),
        "brand": Field(Kind.TEXT, "product.brand"),
        "ribbon": Field(Kind.TEXT, "product.ribbon"),
        "collectionIds": _COLLECTIONS,
        "collections.id": _COLLECTIONS,
        "lastUpdated": _UPDATED,
        "createdDate": _CREATED,
    },
    key="product.id",
    default_sort=("createdDate",),
)
"""Price filters and sorting look at the lowest price after discount."""

PRODUCTS_V3: Final = Fields(
    {
        "id": _ID,
        "name": _NAME,
        "slug": _SLUG,
        "visible": Field(Kind.BOOLEAN, "product.visible"),
        "productType": Field(Kind.TEXT, "UPPER(product.kind)"),
        "actualPriceRange.minValue.amount": _PRICE,
        "brand.name": Field(Kind.TEXT, "product.brand"),
        "ribbon.name": Field(Kind.TEXT, "product.ribbon"),
        "directCategoriesInfo.categories": _CATEGORIES,
        "allCategoriesInfo.categories": _CATEGORIES,
        "createdDate": _CREATED,
        "updatedDate": _UPDATED,
    },
    key="product.id",
    default_sort=("createdDate",),
)

INVENTORY: Final = Fields(
    {
        "productId": _ID,
        "numericId": Field(Kind.INTEGER, "product.number", sortable=True),
        "lastUpdated": _UPDATED,
    },
    key="product.id",
    default_sort=("numericId",),
)
"""Stock is listed by product."""

COLLECTIONS: Final = Fields(
    {
        "id": Field(Kind.ID, "collection.id", same=_ALL),
        "name": Field(Kind.TEXT, "collection.name", folded="collection.name_key", sortable=True),
        "slug": Field(Kind.TEXT, "collection.slug", sortable=True),
        "visible": Field(Kind.BOOLEAN, "collection.visible"),
        "createdDate": Field(Kind.TIME, "collection.created_at", sortable=True),
    },
    key="collection.id",
    default_sort=("createdDate",),
)
