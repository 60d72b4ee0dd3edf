"""The `storesProduct` flow: one product's page, which goes on as the checkout of what was chosen there."""

from __future__ import annotations

from roundtrip.core.errors import AppError, Kind
from roundtrip.ecom.catalogue import store
from roundtrip.ecom.catalogue.model import PAGE_PATH
from roundtrip.flows.base import Asked, Began, Context, Continue, Flow, Identity
from roundtrip.flows.ecom_checkout.params import INTENT as CHECKOUT
from roundtrip.flows.ecom_checkout.params import EcomCheckout
from roundtrip.flows.leaving import after_flow
from roundtrip.flows.links import through_entry
from roundtrip.flows.stores_product import product
from roundtrip.flows.stores_product.draft import ProductDraft
from roundtrip.flows.stores_product.params import INTENT, StoresProduct
from roundtrip.sites.verdict import Rule
from roundtrip.storage.database import Tx


def check(tx: Tx, asked: Asked[StoresProduct]) -> None:
    """The site sells it. Raises NOT_FOUND `PRODUCT_NOT_FOUND`."""
    found = store.product_by_slug(tx, asked.site.id, asked.params.product_slug)
    if found is None or not found.visible:
        text = f"The site {asked.site.slug} sells no product with the slug {asked.params.product_slug!r}."
        raise AppError(Kind.NOT_FOUND, "PRODUCT_NOT_FOUND", text, data={"productSlug": asked.params.product_slug})


def begin(tx: Tx, context: Context[StoresProduct]) -> Began[ProductDraft]:
    """Nothing is chosen before the visitor has looked."""
    return Began(ProductDraft())


def finish(tx: Tx, draft: ProductDraft, context: Context[StoresProduct]) -> Continue:
    """On to the checkout, in the same session."""
    return Continue(CHECKOUT, EcomCheckout(checkout_id=draft.checkout_id))


FLOW: Flow[StoresProduct, ProductDraft] = Flow(
    intent=INTENT,
    params=StoresProduct,
    draft=ProductDraft,
    returns_to=Rule.REDIRECT_DOMAIN,
    identity=Identity.VISITOR,
    check=check,
    link=through_entry(lambda params: f"/__stores{PAGE_PATH}{params.product_slug}", lambda params: {}),
    begin=begin,
    steps=(product.STEP,),
    finish=finish,
    leave=after_flow,
    return_params=("orderId",),
)
