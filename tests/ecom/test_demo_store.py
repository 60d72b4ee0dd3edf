"""The demo store is what shop fronts need: the first product can be bought with every first choice, and each collection has something."""

from __future__ import annotations

import io

from PIL import Image

from roundtrip.core.identity import COMMAND
from roundtrip.core.ids import new_id
from roundtrip.ecom.address import Place
from roundtrip.ecom.catalogue import seed, store
from roundtrip.ecom.catalogue.collections import store as collections
from roundtrip.ecom.catalogue.fields import COLLECTIONS, PRODUCTS_V1
from roundtrip.ecom.catalogue.model import ALL_PRODUCTS, Product, StockState
from roundtrip.ecom.coupons import store as coupons
from roundtrip.ecom.coupons.model import Problem
from roundtrip.ecom.delivery import store as delivery
from roundtrip.ecom.tax import store as taxes
from roundtrip.media.drawing import KINDS
from roundtrip.media.drawn.palettes import PALETTES
from roundtrip.payments.site_settings import store as payments
from roundtrip.query.parse import read_query
from roundtrip.sites import actions as sites
from roundtrip.sites.change import Change
from roundtrip.sites.model import Mode
from roundtrip.storage.database import Database, Tx
from roundtrip.workflows.demo_shop import open_shop as open_shop_for_visitors
from tests.ecom.shelf import NOW, SITE, open_shop

OTHER = SITE[:-1] + "2"


def opened(tx: Tx, site_id: str) -> bool:
    name = f"shop-{site_id[-4:]}"
    sites.create_site(tx, site_id=site_id, slug=name, name="Shop", mode=Mode.TEST, language="en", theme="{}", now=NOW)
    return seed.seed(tx, site_id, now=NOW)


def for_visitors(tx: Tx, now: int) -> None:
    open_shop_for_visitors(tx, sites.require_site(tx, f"shop-{SITE[-4:]}"), Change(new_id(now), COMMAND, now))


def in_order(db: Database) -> list[Product]:
    _, found = db.read_now(store.query_products, SITE, read_query({}, PRODUCTS_V1), hidden_too=False)
    return found


def test_the_first_product_can_be_bought_and_the_others_are_as_described(db: Database) -> None:
    db.write_now(opened, SITE)
    products = in_order(db)
    assert [one.slug for one in products] == [one.slug for one in seed.PRODUCTS]
    assert [one.id for one in products] == [seed.product_id(number) for number in range(1, 8)]
    for one in products[:4]:
        first = one.chosen({option.name: option.choices[0].description for option in one.options})
        assert first is not None
        assert first.is_available, one.slug
    states = {one.slug: one.stock_state for one in products}
    assert states["canvas-tote"] is StockState.IN_STOCK
    assert states["demo-tshirt"] is StockState.PARTIALLY_OUT_OF_STOCK
    assert states["enamel-pin"] is StockState.OUT_OF_STOCK
    jacket = products[-1]
    assert [jacket.price_of(one).due.text for one in jacket.variants] == ["99.00", "99.00", "105.00"]
    assert products[0].price_of(products[0].variants[0]).due.text == "15.00"
    assert [one.is_shippable for one in products] == [True, True, True, True, True, False, True]


def test_every_collection_has_products_and_all_of_them_are_in_one(db: Database) -> None:
    db.write_now(opened, SITE)
    _, found = db.read_now(collections.query_collections, SITE, read_query({}, COLLECTIONS), hidden_too=False)
    assert {one.slug: one.products for one in found} == {
        "all-products": 7,
        "apparel": 3,
        "home": 2,
        "hidden-homepage-featured-items": 3,
        "hidden-homepage-carousel": 4,
    }
    assert all(ALL_PRODUCTS in one.collection_ids for one in in_order(db))


def test_a_product_shows_the_picture_that_was_drawn_for_it(db: Database) -> None:
    content = io.BytesIO()
    Image.new("RGB", (30, 20), (200, 120, 60)).save(content, "JPEG")
    db.write_now(open_shop)
    assert db.write_now(seed.seed, SITE, now=NOW)
    mug = next(one for one in seed.PRODUCTS if one.slug == "ceramic-mug")
    assert db.write_now(seed.hang, SITE, mug, content.getvalue(), now=NOW + 1)
    assert not db.write_now(seed.hang, SITE, mug, content.getvalue(), now=NOW + 2), "it has one"
    assert mug not in db.read_now(seed.without_picture, SITE)
    shown = {one.slug: [(one.width, one.height, one.alt) for one in one.media] for one in in_order(db)}
    assert shown["ceramic-mug"] == [(30, 20, "Ceramic Mug")]
    assert shown["canvas-tote"] == []


def test_every_demo_product_names_a_picture_that_can_be_drawn() -> None:
    assert {one.drawing[0] for one in seed.PRODUCTS} <= set(KINDS)
    assert {one.drawing[1] for one in seed.PRODUCTS} <= set(PALETTES)


def test_made_twice_it_is_the_same_and_two_sites_may_have_one_each(db: Database) -> None:
    assert db.write_now(opened, SITE)
    before = in_order(db)
    assert not db.write_now(seed.seed, SITE, now=NOW + 1)
    assert in_order(db) == before
    assert db.write_now(opened, OTHER)
    assert in_order(db) == before


def test_the_demo_shop_delivers_takes_coupons_adds_tax_and_can_be_paid_later_and_opening_it_twice_changes_nothing(db: Database) -> None:
    db.write_now(opened, SITE)
    for now in (NOW, NOW + 1):
        db.write_now(for_visitors, now)
    ways = db.read_now(delivery.of_site, SITE)
    assert [(one.terms.title, one.terms.rates[0].amount) for one in ways] == [
        ("Standard", "5.00"),
        ("Express", "15.00"),
        ("Pick up", "0.00"),
    ]
    found = {one.code: one.closed_because(NOW) for one in db.read_now(coupons.page, SITE, 10, 0)}
    assert found == {"WELCOME10": None, "SHIPFREE": None, "EXPIRED5": Problem.EXPIRED}
    assert [str(one.percent) for one in db.read_now(taxes.at, SITE, Place.of("US", "NY"))] == ["8.875"]
    assert db.read_now(taxes.at, SITE, Place.of("DE", "")) == []
    paid = db.read_now(payments.of_site, SITE)
    assert (paid.offline, paid.revision) == (True, 1)
