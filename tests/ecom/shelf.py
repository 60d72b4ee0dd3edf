"""A shelf for tests: a site, products on it, and how many pieces are left."""

from __future__ import annotations

from dataclasses import replace

from roundtrip.core.money import Money
from roundtrip.ecom.catalogue import store
from roundtrip.ecom.catalogue.model import (
    NO_DISCOUNT,
    NO_VARIANT,
    Choice,
    Option,
    OptionKind,
    Product,
    ProductKind,
    Variant,
)
from roundtrip.sites import actions as sites
from roundtrip.sites.model import Mode
from roundtrip.storage.database import Tx

NOW = 1_790_000_000_000
SITE = "5170e000-0000-4000-8000-000000000001"
MUG = "90d00000-0000-4000-8000-000000000001"

SIZE = Option("op000001", "Size", OptionKind.DROP_DOWN, (Choice("ch000001", "S", "S"), Choice("ch000002", "M", "M")))
COLOR = Option("op000002", "Color", OptionKind.COLOR, (Choice("ch000003", "#000000", "Black"), Choice("ch000004", "#ffffff", "White")))


def mug(price: str = "12.50", quantity: int = 3) -> Product:
    """A product without options, of which there are so many."""
    only = Variant(NO_VARIANT, {}, "MUG", tracked=True, quantity=quantity)
    return Product(
        SITE, MUG, 1, "mug", "Mug", ProductKind.PHYSICAL, "", True, Money.parse(price, "USD"), NO_DISCOUNT, None, False, (), (only,), (),
        (), "", "", (), 1, NOW, NOW,
    )  # fmt: skip


def shirt() -> Product:
    """A product with managed variants: three of four combinations exist."""
    variants = (
        Variant("va000001", {"Size": "S", "Color": "Black"}, tracked=True, quantity=1),
        Variant("va000002", {"Size": "M", "Color": "Black"}, price=Money.parse("30.00", "USD"), tracked=True, quantity=0),
        Variant("va000003", {"Size": "S", "Color": "White"}, visible=False),
    )
    return replace(
        mug("25.00"), id=MUG[:-1] + "2", slug="shirt", name="Shirt", manages_variants=True, options=(SIZE, COLOR), variants=variants
    )


def open_shop(tx: Tx, *products: Product, site_id: str = SITE, currency: str = "USD") -> None:
    """A site that sells these."""
    sites.create_site(tx, site_id=site_id, slug=f"shop-{site_id[-4:]}", name="Shop", mode=Mode.TEST, language="en", theme="{}", now=NOW)
    store.start_catalogue(tx, site_id, currency)
    for product in products:
        number, _ = store.take_number(tx, site_id)
        assert store.insert_product(tx, replace(product, site_id=site_id, number=number))
