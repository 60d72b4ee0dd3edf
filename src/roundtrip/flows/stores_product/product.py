"""The page of one product: look, choose, buy."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from roundtrip.core.errors import AppError
from roundtrip.ecom.cart.model import MOST_OF_ONE, Owner
from roundtrip.ecom.catalogue import store
from roundtrip.ecom.catalogue.model import OptionKind, Product, Variant
from roundtrip.ecom.checkout import actions as checkouts
from roundtrip.ecom.checkout.model import Details
from roundtrip.ecom.goods import Picture, Reference
from roundtrip.ecom.product_shelf import STORES
from roundtrip.flows.base import Context, Form, Step, Submitted
from roundtrip.flows.steps.buying import moment_of, picture
from roundtrip.flows.steps.refused import refused
from roundtrip.flows.stores_product.draft import ProductDraft
from roundtrip.flows.stores_product.params import StoresProduct
from roundtrip.media.medium import Medium
from roundtrip.storage.database import Tx
from roundtrip.text.marks import marked
from roundtrip.workflows.shop import open_shop

NOT_MADE = marked("There is none like this. Choose something else.")
SOLD_OUT = marked("This is sold out. Choose something else.")
TOO_MANY = marked("There are fewer left than you want.")
QUANTITY_WRONG = marked("Enter how many you want, as a number.")
GONE = marked("This product isn't sold any more.")
LARGE, SMALL = 560, 96
"""Pixels of the first picture and of the others, on each side."""


def view(tx: Tx, draft: ProductDraft, context: Context[StoresProduct]) -> Mapping[str, object]:
    """What there is to know and to choose, with today's prices."""
    product = store.product_by_slug(tx, context.site.id, context.params.product_slug)
    if product is None or not product.visible:
        return {"product": None}
    prices = [price.due for price in product.prices()]
    full = [price.full for price in product.prices()]
    first, others = product.media[:1], product.media[1:7]
    return {
        "product": {
            "name": product.name,
            "description": product.description,
            "ribbon": product.ribbon,
            "brand": product.brand,
            "lowest": min(prices, key=lambda price: price.amount),
            "is_from": len({price.amount for price in prices}) > 1,
            "full": full[0] if full[0] != prices[0] and len(set(full)) == 1 else None,
            "state": product.stock_state.value,
            "left": product.quantity,
            "picture": _shown(first[0], LARGE) if first else None,
            "others": [shown for medium in others if (shown := _shown(medium, SMALL))],
            "sections": [{"title": section.title, "text": section.text} for section in product.sections],
        },
        "options": [
            {
                "field": f"option_{number}",
                "name": option.name,
                "is_colour": option.kind is OptionKind.COLOR,
                "choices": [
                    {"value": choice.id, "words": choice.description, "is_offered": product.is_offered(option, choice)}
                    for choice in option.choices
                    if choice.visible
                ],
            }
            for number, option in enumerate(product.options)
        ],
        "values": {"quantity": "1"},
    }


def _shown(medium: Medium, side: int) -> Mapping[str, object] | None:
    return picture(Picture(medium.picture_id, medium.url, medium.width, medium.height, medium.alt), side, side)


def submit(tx: Tx, draft: ProductDraft, form: Form, context: Context[StoresProduct]) -> Submitted[ProductDraft]:
    """Make a checkout of what was chosen. Raises INVALID at the field that can't be had."""
    product = store.product_by_slug(tx, context.site.id, context.params.product_slug)
    if product is None or not product.visible:
        raise refused(("", GONE))
    variant, choices = _chosen(product, form)
    quantity = _quantity(variant, form)
    wanted = {"variantId": variant.id, **({} if product.manages_variants else {"options": choices})}
    shop = open_shop(tx, context.site)
    details = Details(language=context.language)
    try:
        made = checkouts.create(tx, shop, _owner(context), [(Reference(STORES, product.id, wanted), quantity)], details, moment_of(context))
    except AppError as error:
        raise refused(("", GONE)) from error
    return Submitted(replace(draft, checkout_id=made.checkout.id))


def _chosen(product: Product, form: Form) -> tuple[Variant, dict[str, str]]:
    choices = {}
    for number, option in enumerate(product.options):
        typed = form.get(f"option_{number}", "")
        choice = next((one for one in option.choices if one.id == typed and one.visible), None)
        if choice is None:
            raise refused((f"option_{number}", NOT_MADE))
        choices[option.name] = choice.description
    variant = product.chosen(choices)
    if variant is None:
        raise refused(("option_0" if product.options else "", NOT_MADE))
    if not variant.is_available:
        raise refused(("option_0" if product.options else "", SOLD_OUT))
    return variant, choices


def _quantity(variant: Variant, form: Form) -> int:
    text = form.get("quantity", "1").strip()
    if not (text.isascii() and text.isdecimal() and len(text) <= 6 and 1 <= int(text) <= MOST_OF_ONE):
        raise refused(("quantity", QUANTITY_WRONG))
    if variant.available is not None and int(text) > variant.available:
        raise refused(("quantity", TOO_MANY))
    return int(text)


def _owner(context: Context[StoresProduct]) -> Owner:
    """Whoever the site named; a visitor of our own where its server asked."""
    session = context.session
    if session.caller_kind in ("visitor", "member") and session.caller_id:
        return Owner("member" if session.caller_kind == "member" else "visitor", session.caller_id)
    return Owner("visitor", session.id)


STEP: Step[ProductDraft] = Step(
    name="product",
    needed=lambda draft: True,
    done=lambda draft: bool(draft.checkout_id),
    view=view,
    submit=submit,
)
