"""Carts and checkouts that nobody came back for are forgotten, and requests that were answered."""

from __future__ import annotations

from roundtrip.ecom.back_in_stock import model as back_in_stock
from roundtrip.ecom.back_in_stock import store as back_in_stock_store
from roundtrip.ecom.cart import model as carts
from roundtrip.ecom.cart import store as cart_store
from roundtrip.ecom.checkout import model as checkouts
from roundtrip.ecom.checkout import store as checkout_store
from roundtrip.storage.tidying import Tidies

TIDIES = (
    Tidies(cart_store.forget, carts.KEPT_FOR),
    Tidies(checkout_store.forget, checkouts.KEPT_FOR),
    Tidies(back_in_stock_store.forget, back_in_stock.KEPT_FOR),
)
