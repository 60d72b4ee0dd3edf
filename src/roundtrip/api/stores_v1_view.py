"""Products and collections as version 1 of the stores API shows them. Every field that clients read without looking is always there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from roundtrip.api.stores_views import Front, Json, fitting_url, number, words
from roundtrip.core.clock import rfc3339
from roundtrip.ecom.catalogue.model import Collection, Option, Price, Product, Variant
from roundtrip.media.medium import Medium

_HEX = str.maketrans("0123456789abcdef", "fedcba9876543210")


def product_v1(product: Product, shown: Front) -> Json:
    """One product. Prices are numbers, with formatted texts beside them."""
    price = _price(Price(product.price, product.discount.taken_off(product.price)), shown)
    due = [one.due.amount for one in product.prices()]
    first = product.sold_variants[0] if product.sold_variants else None
    return {
        "id": product.id,
        "name": product.name,
        "slug": product.slug,
        "visible": product.visible,
        "productType": product.kind.value,
        "description": product.description,
        "sku": "" if product.manages_variants or first is None else first.sku,
        "weight": _kilograms(product.weight_grams),
        "numericId": str(product.number),
        "inventoryItemId": inventory_id(product.id),
        "brand": product.brand,
        **({"taxGroup": product.tax_group} if product.tax_group else {}),
        "ribbon": product.ribbon,
        "ribbons": [{"text": product.ribbon}] if product.ribbon else [],
        "collectionIds": list(product.collection_ids),
        "lastUpdated": rfc3339(product.updated_at),
        "createdDate": rfc3339(product.created_at),
        "revision": str(product.revision),
        "discount": {"type": product.discount.kind, "value": float(product.discount.value)},
        "price": price,
        "priceData": price,
        "convertedPriceData": price,
        "priceRange": {"minValue": number(min(due)), "maxValue": number(max(due))},
        "stock": _stock(product),
        "media": media_v1(product.media, shown),
        "additionalInfoSections": [{"title": one.title, "description": one.text} for one in product.sections],
        "customTextFields": [],
        "productPageUrl": {"base": shown.home_url, "path": product.path},
        "manageVariants": product.manages_variants,
        "productOptions": [_option(product, one) for one in product.options],
        "variants": [variant_v1(product, one, shown) for one in product.sold_variants],
    }


def variant_v1(product: Product, variant: Variant, shown: Front) -> Json:
    """One variant; the choices are named by what is shown to people."""
    price = _price(product.price_of(variant), shown)
    return {
        "id": variant.id,
        "choices": dict(variant.choices),
        "variant": {
            "priceData": price,
            "convertedPriceData": price,
            "weight": _kilograms(product.weight_of(variant)),
            "sku": variant.sku,
            "visible": variant.visible,
        },
        "stock": _variant_stock(variant),
    }


def _variant_stock(variant: Variant) -> Json:
    return {
        "trackQuantity": variant.tracked,
        "quantity": variant.quantity if variant.tracked else None,
        "inStock": variant.is_available,
    }


def inventory_id(product_id: str) -> str:
    """The id of a product's stock, which old clients know by another name: the product's, digit for digit from the other end."""
    return product_id.translate(_HEX)


def _stock(product: Product) -> Json:
    return {
        "trackInventory": any(one.tracked for one in product.sold_variants),
        "quantity": product.quantity,
        "inStock": any(one.is_available for one in product.sold_variants),
        "inventoryStatus": product.stock_state.value,
    }


def _price(price: Price, shown: Front) -> Json:
    return {
        "currency": price.full.currency,
        "price": number(price.full.amount),
        "discountedPrice": number(price.due.amount),
        "formatted": {"price": words(price.full, shown.language), "discountedPrice": words(price.due, shown.language)},
    }


def _option(product: Product, option: Option) -> Json:
    return {
        "optionType": option.kind.value,
        "name": option.name,
        "choices": [
            {
                "value": choice.value,
                "description": choice.description,
                "inStock": product.is_offered(option, choice),
                "visible": choice.visible,
                "media": {"items": []},
            }
            for choice in option.choices
        ],
    }


def _kilograms(grams: int | None) -> float:
    return (grams or 0) / 1000


def media_v1(media: Sequence[Medium], shown: Front) -> Json:
    """`mainMedia` and `items`; a product without pictures has neither a main one nor items."""
    items = [_medium(one, shown) for one in media]
    return {"mainMedia": items[0], "items": items} if items else {"items": []}


def _medium(medium: Medium, shown: Front) -> Json:
    image: dict[str, Any] = {"url": fitting_url(medium, shown), "width": medium.width, "height": medium.height}
    if medium.alt:
        image["altText"] = medium.alt
    return {"id": medium.picture_id, "mediaType": "image", "title": medium.alt, "image": image, "thumbnail": image}


def collection_v1(collection: Collection, shown: Front) -> Json:
    """One collection."""
    return {
        "id": collection.id,
        "name": collection.name,
        "slug": collection.slug,
        "description": collection.description,
        "visible": collection.visible,
        "numberOfProducts": collection.products,
        "media": media_v1(collection.media, shown),
        "revision": str(collection.revision),
        "createdDate": rfc3339(collection.created_at),
        "lastUpdated": rfc3339(collection.updated_at),
    }
