"""SQL of products and their stock, and nothing else. What is in which collection: `collections/store.py`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from roundtrip.core.money import Money
from roundtrip.ecom.back_in_stock import store as waiting
from roundtrip.ecom.catalogue.model import (
    ALL_PRODUCTS,
    Discount,
    Option,
    Product,
    ProductKind,
    Section,
    Variant,
)
from roundtrip.media.medium import Medium
from roundtrip.query.listed import listed
from roundtrip.query.model import Page, Query
from roundtrip.query.store import Source, run
from roundtrip.storage.database import Row, Tx, Value

_PRODUCT = (
    "product.id, product.number, product.slug, product.name, product.kind, product.description, product.visible, product.currency,"
    " product.price_units, product.discount, product.weight_grams, product.manages_variants, product.options, product.media,"
    " product.sections, product.ribbon, product.brand, product.revision, product.created_at, product.updated_at, product.tax_group"
)
_VARIANT = "product_id, id, choices, sku, price_units, weight_grams, visible, tracked, quantity, in_stock"

_encode = msgspec.json.Encoder().encode
_options = msgspec.json.Decoder(tuple[Option, ...]).decode
_media = msgspec.json.Decoder(tuple[Medium, ...]).decode
_sections = msgspec.json.Decoder(tuple[Section, ...]).decode
_discount = msgspec.json.Decoder(Discount).decode
_choices = msgspec.json.Decoder(dict[str, str]).decode


def product(tx: Tx, site_id: str, product_id: str) -> Product | None:
    """A product of this site, hidden ones too."""
    rows = tx.all(f"SELECT {_PRODUCT} FROM product WHERE site_id = :site_id AND id = :id", site_id=site_id, id=product_id)
    return next(iter(whole(tx, site_id, rows)), None)


def product_by_slug(tx: Tx, site_id: str, slug: str) -> Product | None:
    """A product by the last part of its page's address, hidden ones too."""
    rows = tx.all(f"SELECT {_PRODUCT} FROM product WHERE site_id = :site_id AND slug = :slug", site_id=site_id, slug=slug)
    return next(iter(whole(tx, site_id, rows)), None)


def products(tx: Tx, site_id: str, product_ids: Sequence[str]) -> dict[str, Product]:
    """Those of these products that exist, by id, hidden ones too. Two reads, however many there are; give at most a few hundred."""
    if not product_ids:
        return {}
    names, params = listed("id", sorted(set(product_ids)))
    rows = tx.all(f"SELECT {_PRODUCT} FROM product WHERE site_id = :site_id AND id IN ({names})", site_id=site_id, **params)
    return {one.id: one for one in whole(tx, site_id, rows)}


def query_products(tx: Tx, site_id: str, query: Query, *, hidden_too: bool) -> tuple[Page, list[Product]]:
    """A page of the products of a site. Three reads, however many there are; one more for their number, if the page does not show it."""
    # Word for word what the index `product_shown` says, so that counting reads nothing but that.
    where = "product.site_id = :site_id" if hidden_too else "product.site_id = :site_id AND product.visible"
    page = run(tx, Source(_PRODUCT, "product", where, {"site_id": site_id}, lambda: _size(tx, site_id, hidden_too=hidden_too)), query)
    return page, whole(tx, site_id, page.rows)


def _size(tx: Tx, site_id: str, *, hidden_too: bool) -> int:
    """How many products there are, from where that is kept (decision 0124): counting them would cost as much as is stored."""
    sql = "SELECT products FROM catalogue WHERE site_id = :site_id"
    if not hidden_too:
        sql = "SELECT products FROM collection WHERE site_id = :site_id AND id = :all_products"
    row = tx.one(sql, site_id=site_id, **({} if hidden_too else {"all_products": ALL_PRODUCTS}))
    return int(row[0]) if row else 0


def change_stock(tx: Tx, site_id: str, product_id: str, variant_id: str, delta: int) -> bool:
    """Take pieces (`delta` below zero) or put them back. False when there are not so many, or the variant is gone; nothing changed then.

    One conditional UPDATE, so that of many buyers at once nobody gets what is not there. Stock that nobody counts only has to be there when
    something is taken. Who takes several variants takes them in order of product and variant, so that two buyers never wait for each other.
    """
    changed = take_stock(tx, site_id, product_id, variant_id, -delta) is not None
    if changed and delta > 0:
        waiting.note_return(tx, site_id, product_id)
    return changed


def take_stock(tx: Tx, site_id: str, product_id: str, variant_id: str, quantity: int) -> tuple[bool, int] | None:
    """Take pieces as `change_stock` does; answers whether somebody counts them and how many are left.

    None when there are not so many: nothing changed.
    """
    row = tx.one(
        "UPDATE product_variant SET quantity = CASE WHEN tracked THEN quantity + :delta ELSE quantity END"
        " WHERE site_id = :site_id AND product_id = :product_id AND id = :variant_id"
        " AND (:delta >= 0 OR CASE WHEN tracked THEN quantity + :delta >= 0 ELSE in_stock END) RETURNING tracked, quantity",
        site_id=site_id,
        product_id=product_id,
        variant_id=variant_id,
        delta=-quantity,
    )
    return (bool(row[0]), row[1] or 0) if row else None


def set_stock(tx: Tx, site_id: str, product_id: str, variant: Variant) -> bool:
    """Let a variant have this stock, whatever it was. False when it is gone."""
    changed = (
        tx.execute(
            "UPDATE product_variant SET tracked = :tracked, quantity = :quantity, in_stock = :in_stock"
            " WHERE site_id = :site_id AND product_id = :product_id AND id = :id",
            site_id=site_id,
            product_id=product_id,
            id=variant.id,
            tracked=variant.tracked,
            quantity=variant.quantity,
            in_stock=variant.in_stock,
        )
        == 1
    )
    if changed and variant.is_available:
        waiting.note_return(tx, site_id, product_id)
    return changed


def start_catalogue(tx: Tx, site_id: str, currency: str) -> bool:
    """Let a site sell, in this currency. False when it did already."""
    return (
        tx.execute(
            "INSERT INTO catalogue (site_id, currency, products, last_number) VALUES (:site_id, :currency, 0, 1000)"
            " ON CONFLICT (site_id) DO NOTHING",
            site_id=site_id,
            currency=currency,
        )
        == 1
    )


def currency(tx: Tx, site_id: str) -> str | None:
    """The currency of a site's prices; None while it never sold anything."""
    row = tx.one("SELECT currency FROM catalogue WHERE site_id = :site_id", site_id=site_id)
    return str(row[0]) if row else None


def change_currency(tx: Tx, site_id: str, currency: str) -> bool:
    """Another currency for a site that has no products (any more). False when it has some."""
    return (
        tx.execute(
            "UPDATE catalogue SET currency = :currency WHERE site_id = :site_id AND products = 0", site_id=site_id, currency=currency
        )
        == 1
    )


def take_number(tx: Tx, site_id: str) -> tuple[int, str]:
    """Count one more product; answers its number and the currency, which cannot change before this transaction has ended."""
    row = tx.one(
        "UPDATE catalogue SET products = products + 1, last_number = last_number + 1 WHERE site_id = :site_id"
        " RETURNING last_number, currency",
        site_id=site_id,
    )
    assert row is not None  # `start_catalogue` came first, and catalogues are never deleted
    return int(row[0]), str(row[1])


def insert_product(tx: Tx, product: Product) -> bool:
    """Keep a new product with its variants. False when the site has one with this id or slug."""
    kept = tx.execute(
        "INSERT INTO product (site_id, id, number, slug, name, name_key, kind, description, visible, currency, price_units, price_rank,"
        " discount, weight_grams, manages_variants, options, media, sections, ribbon, brand, tax_group, revision, created_at, updated_at)"
        " VALUES (:site_id, :id, :number, :slug, :name, :name_key, :kind, :description, :visible, :currency, :price_units, :price_rank,"
        " :discount, :weight_grams, :manages_variants, :options, :media, :sections, :ribbon, :brand, :tax_group,"
        " :revision, :created_at, :updated_at)"
        " ON CONFLICT DO NOTHING",
        **_columns(product),
        number=product.number,
        currency=product.price.currency,
        revision=product.revision,
        created_at=product.created_at,
    )
    if kept != 1:
        return False
    for number, variant in enumerate(product.variants):
        insert_variant(tx, product, number, variant)
    return True


def replace_product(tx: Tx, product: Product, revision: int) -> bool:
    """Keep a product as it is now, except for its variants, if it still has this revision. The slug must be free."""
    return (
        tx.execute(
            "UPDATE product SET slug = :slug, name = :name, name_key = :name_key, kind = :kind, description = :description,"
            " visible = :visible, price_units = :price_units, price_rank = :price_rank, discount = :discount, weight_grams = :weight_grams,"
            " manages_variants = :manages_variants, options = :options, media = :media, sections = :sections, ribbon = :ribbon,"
            " brand = :brand, tax_group = :tax_group, updated_at = :updated_at, revision = revision + 1"
            " WHERE site_id = :site_id AND id = :id AND revision = :revision",
            **_columns(product),
            revision=revision,
        )
        == 1
    )


def delete_product(tx: Tx, site_id: str, product_id: str) -> bool:
    """Delete a product with its variants, which this transaction holds. True for exactly one caller."""
    if tx.execute("DELETE FROM product WHERE site_id = :site_id AND id = :id", site_id=site_id, id=product_id) != 1:
        return False
    waiting.forget_product(tx, site_id, product_id)
    tx.execute("UPDATE catalogue SET products = products - 1 WHERE site_id = :site_id", site_id=site_id)
    return True


def insert_variant(tx: Tx, product: Product, number: int, variant: Variant) -> None:
    """Keep one more variant of a product that this transaction has just written."""
    tx.execute(
        f"INSERT INTO product_variant (site_id, number, {_VARIANT}) VALUES (:site_id, :number, :product_id, :id, :choices, :sku,"
        " :price_units, :weight_grams, :visible, :tracked, :quantity, :in_stock)",
        **_variant_columns(product, number, variant),
        tracked=variant.tracked,
        quantity=variant.quantity,
        in_stock=variant.in_stock,
    )


def replace_variant(tx: Tx, product: Product, number: int, variant: Variant) -> bool:
    """Keep everything about a variant but its stock. False when there is none with this id yet."""
    return (
        tx.execute(
            "UPDATE product_variant SET number = :number, choices = :choices, sku = :sku, price_units = :price_units,"
            " weight_grams = :weight_grams, visible = :visible WHERE site_id = :site_id AND product_id = :product_id AND id = :id",
            **_variant_columns(product, number, variant),
        )
        == 1
    )


def delete_variant(tx: Tx, site_id: str, product_id: str, variant_id: str) -> None:
    """Let a variant be no more."""
    tx.execute(
        "DELETE FROM product_variant WHERE site_id = :site_id AND product_id = :product_id AND id = :id",
        site_id=site_id,
        product_id=product_id,
        id=variant_id,
    )


def touch_product(tx: Tx, site_id: str, product_id: str, now: int) -> bool:
    """Hold a product until this transaction ends, with a new revision: something that belongs to it changes. False when it is gone."""
    return (
        tx.execute(
            "UPDATE product SET updated_at = :now, revision = revision + 1 WHERE site_id = :site_id AND id = :id",
            site_id=site_id,
            id=product_id,
            now=now,
        )
        == 1
    )


def hold_product(tx: Tx, site_id: str, product_id: str) -> bool:
    """Keep a product as it is until this transaction ends. False when it is gone."""
    # The catalogue's row first: whoever makes or deletes a product takes it before any other.
    tx.execute("UPDATE catalogue SET products = products WHERE site_id = :site_id", site_id=site_id)
    sql = "UPDATE product SET revision = revision WHERE site_id = :site_id AND id = :id"
    return tx.execute(sql, site_id=site_id, id=product_id) == 1


def is_visible(tx: Tx, site_id: str, product_id: str) -> bool:
    """Whether visitors see a product."""
    row = tx.one("SELECT visible FROM product WHERE site_id = :site_id AND id = :id", site_id=site_id, id=product_id)
    return bool(row and row[0])


def _columns(product: Product) -> dict[str, Value]:
    return {
        "site_id": product.site_id,
        "id": product.id,
        "slug": product.slug,
        "name": product.name,
        "name_key": product.name.casefold(),
        "kind": product.kind.value,
        "description": product.description,
        "visible": product.visible,
        "price_units": product.price.units,
        "price_rank": product.price_rank,
        "discount": _encode(product.discount).decode(),
        "weight_grams": product.weight_grams,
        "manages_variants": product.manages_variants,
        "options": _encode(product.options).decode(),
        "media": _encode(product.media).decode(),
        "sections": _encode(product.sections).decode(),
        "ribbon": product.ribbon,
        "brand": product.brand,
        "tax_group": product.tax_group,
        "updated_at": product.updated_at,
    }


def _variant_columns(product: Product, number: int, variant: Variant) -> dict[str, Value]:
    return {
        "site_id": product.site_id,
        "product_id": product.id,
        "id": variant.id,
        "number": number,
        "choices": _encode(variant.choices).decode(),
        "sku": variant.sku,
        "price_units": None if variant.price is None else variant.price.units,
        "weight_grams": variant.weight_grams,
        "visible": variant.visible,
    }


def whole(tx: Tx, site_id: str, rows: Sequence[Row]) -> list[Product]:
    """Rows of `product` with their variants and collections, in the order of the rows."""
    if not rows:
        return []
    names, params = listed("id", [row[0] for row in rows])
    variants: dict[str, list[Row]] = {}
    of_these = f"WHERE site_id = :site_id AND product_id IN ({names})"
    for row in tx.all(f"SELECT {_VARIANT} FROM product_variant {of_these} ORDER BY product_id, number, id", site_id=site_id, **params):
        variants.setdefault(row[0], []).append(row)
    collections: dict[str, list[str]] = {}
    joined = f"SELECT product_id, collection_id FROM collection_product {of_these} ORDER BY product_id, collection_id"
    for product_id, collection_id in tx.all(joined, site_id=site_id, **params):
        collections.setdefault(product_id, []).append(collection_id)
    return [_product(site_id, row, variants.get(row[0], []), collections.get(row[0], [])) for row in rows]


def _product(site_id: str, row: Row, variants: Sequence[Row], collection_ids: Sequence[str]) -> Product:
    currency = row[7]
    return Product(
        site_id=site_id,
        id=row[0],
        number=row[1],
        slug=row[2],
        name=row[3],
        kind=ProductKind(row[4]),
        description=row[5],
        visible=bool(row[6]),
        price=Money.from_units(row[8], currency),
        discount=_discount(row[9]),
        weight_grams=row[10],
        manages_variants=bool(row[11]),
        options=_options(row[12]),
        variants=tuple(_variant(one, currency) for one in variants),
        media=_media(row[13]),
        sections=_sections(row[14]),
        ribbon=row[15],
        brand=row[16],
        collection_ids=tuple(collection_ids),
        revision=row[17],
        created_at=row[18],
        updated_at=row[19],
        tax_group=row[20],
    )


def _variant(row: Row, currency: str) -> Variant:
    choices: Mapping[str, str] = _choices(row[2])
    price = None if row[4] is None else Money.from_units(row[4], currency)
    return Variant(row[1], choices, row[3], price, row[5], bool(row[6]), bool(row[7]), row[8], bool(row[9]))
