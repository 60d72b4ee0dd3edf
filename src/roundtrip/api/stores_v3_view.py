"""Products as version 3 of the stores API shows them: the same store, prices as texts, options and choices by their ids."""

from __future__ import annotations

from collections.abc import Iterable

from roundtrip.api.stores_views import Front, Json, picture_url, plain_amount
from roundtrip.core.clock import rfc3339
from roundtrip.core.money import Money
from roundtrip.ecom.catalogue.model import Option, OptionKind, Product, Section, Variant
from roundtrip.media.medium import Medium

_RENDER_TYPES = {OptionKind.DROP_DOWN: "TEXT_CHOICES", OptionKind.COLOR: "SWATCH_CHOICES"}


def product_v3(product: Product, shown: Front) -> Json:
    """One product, with every field: clients that ask for some get the others besides."""
    prices = list(product.prices())
    path = product.path
    view: Json = {
        "id": product.id,
        "revision": str(product.revision),
        "createdDate": rfc3339(product.created_at),
        "updatedDate": rfc3339(product.updated_at),
        "name": product.name,
        "slug": product.slug,
        "url": {"relativePath": path, "url": shown.home_url + path},
        "plainDescription": product.description,
        "visible": product.visible,
        "visibleInPos": False,
        "productType": product.kind.value.upper(),
        "currency": product.price.currency,
        "actualPriceRange": _range([one.due for one in prices], shown),
        "compareAtPriceRange": _range([one.full for one in prices], shown),
        "inventory": {"availabilityStatus": product.stock_state.value, "preorderStatus": "DISABLED"},
        "media": _media(product, shown),
        "options": [_option(product, one) for one in product.options],
        "modifiers": [],
        "variantSummary": {"variantCount": len(product.sold_variants)},
        "variantsInfo": {"variants": [_variant(product, one, shown) for one in product.sold_variants]},
        "infoSections": [_section(one) for one in product.sections],
        "directCategoriesInfo": _categories(product.collection_ids),
        "allCategoriesInfo": _categories(product.collection_ids),
        "mainCategoryId": product.collection_ids[0] if product.collection_ids else "",
    }
    if product.ribbon:
        view["ribbon"] = {"id": _named_id(product, "ribbon"), "name": product.ribbon}
    if product.brand:
        view["brand"] = {"id": _named_id(product, "brand"), "name": product.brand}
    return view


def _named_id(product: Product, kind: str) -> str:
    """Ribbons and brands are words of a product here; clients that want an id for them get one that stays the same."""
    return f"{product.id[:24]}{'0000000000b0' if kind == 'ribbon' else '0000000000b1'}"


def _categories(ids: Iterable[str]) -> Json:
    return {"categories": [{"id": one, "index": place} for place, one in enumerate(ids)]}


def _section(section: Section) -> Json:
    return {"id": section.id, "uniqueName": section.id, "title": section.title, "plainDescription": section.text}


def _range(amounts: list[Money], shown: Front) -> Json:
    lowest, highest = min(amounts, key=lambda one: one.amount), max(amounts, key=lambda one: one.amount)
    return {"minValue": plain_amount(lowest, shown.language), "maxValue": plain_amount(highest, shown.language)}


def _media(product: Product, shown: Front) -> Json:
    items = [_medium(one, shown) for one in product.media]
    return {"main": items[0], "itemsInfo": {"items": items}} if items else {"itemsInfo": {"items": []}}


def _medium(medium: Medium, shown: Front) -> Json:
    image: Json = {
        "id": medium.picture_id,
        "url": picture_url(medium, shown),
        "width": medium.width,
        "height": medium.height,
        "altText": medium.alt,
    }
    return {"id": medium.picture_id, "image": image, "altText": medium.alt, "mediaType": "IMAGE"}


def _option(product: Product, option: Option) -> Json:
    choices: list[Json] = []
    for choice in option.choices:
        shown: Json = {
            "choiceId": choice.id,
            "name": choice.description,
            "choiceType": "ONE_COLOR" if option.kind is OptionKind.COLOR else "CHOICE_TEXT",
            "inStock": product.is_offered(option, choice),
            "visible": choice.visible,
        }
        if option.kind is OptionKind.COLOR:
            shown["colorCode"] = choice.value
        choices.append(shown)
    return {
        "id": option.id,
        "name": option.name,
        "optionRenderType": _RENDER_TYPES[option.kind],
        "choicesSettings": {"choices": choices},
    }


def _variant(product: Product, variant: Variant, shown: Front) -> Json:
    price = product.price_of(variant)
    prices = {"actualPrice": plain_amount(price.due, shown.language)}
    if price.due != price.full:
        prices["compareAtPrice"] = plain_amount(price.full, shown.language)
    return {
        "id": variant.id,
        "visible": variant.visible,
        "sku": variant.sku,
        "choices": [_choice(option, variant.choices[option.name]) for option in product.options if option.name in variant.choices],
        "price": prices,
        "inventoryStatus": {"inStock": variant.is_available, "preorderEnabled": False},
        "physicalProperties": {"weight": (product.weight_of(variant) or 0) / 1000},
    }


def _choice(option: Option, description: str) -> Json:
    choice = option.choice(description)
    return {
        "optionChoiceIds": {"optionId": option.id, "choiceId": choice.id if choice else ""},
        "optionChoiceNames": {"optionName": option.name, "choiceName": description, "renderType": _RENDER_TYPES[option.kind]},
    }
