"""SQL of recommendations, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from roundtrip.ecom.catalogue.model import ALL_PRODUCTS
from roundtrip.query.listed import listed
from roundtrip.storage.database import Tx, Value

MOST_COLLECTIONS = 8
LOOKED_AT = 30
"""How many neighbours in each collection are looked at: some may be hidden, or looked at already."""


def related(tx: Tx, site_id: str, product_ids: Sequence[str], most: int) -> list[str]:
    """Ids of other visible products, at most `most`: those that share a collection with one of these first, then the next ones.

    Every list is read from the first of these products on, by an index, and only a little way: however many products there are, it costs
    the same, and different products have different neighbours. Nothing for products that are not there or hidden.
    """
    known = _visible(tx, site_id, product_ids)
    if not known:
        return []
    names, params = listed("own", known)
    rows = tx.all(
        f"SELECT near.id FROM ({_neighbours(_collections(tx, site_id, known), params)}) AS near JOIN product"
        f" ON product.site_id = :site_id AND product.id = near.id WHERE product.visible AND product.id NOT IN ({names})"
        " GROUP BY near.id ORDER BY MIN(near.place), near.id LIMIT :most",
        site_id=site_id,
        start=known[0],
        looked_at=LOOKED_AT,
        most=most,
        **params,
    )
    return [row[0] for row in rows]


def _visible(tx: Tx, site_id: str, product_ids: Sequence[str]) -> list[str]:
    """Those of these that visitors see, in the order in which they were named."""
    names, params = listed("id", product_ids)
    rows = tx.all(f"SELECT id FROM product WHERE site_id = :site_id AND visible AND id IN ({names})", site_id=site_id, **params)
    found = {row[0] for row in rows}
    return [one for one in dict.fromkeys(product_ids) if one in found]


def _collections(tx: Tx, site_id: str, product_ids: Sequence[str]) -> list[str]:
    names, params = listed("id", product_ids)
    rows = tx.all(
        f"SELECT DISTINCT collection_id FROM collection_product WHERE site_id = :site_id AND product_id IN ({names})"
        " AND collection_id <> :all_products ORDER BY collection_id LIMIT :most",
        site_id=site_id,
        all_products=ALL_PRODUCTS,
        most=MOST_COLLECTIONS,
        **params,
    )
    return [row[0] for row in rows]


def _neighbours(collections: Sequence[str], params: dict[str, Value]) -> str:
    """What follows the first product in each collection, and then what comes from the beginning of it; after that, the whole shop alike."""
    parts = []
    for number, collection_id in enumerate(collections):
        params[f"collection_{number}"] = collection_id
        there = f"collection_product WHERE site_id = :site_id AND collection_id = :collection_{number} AND product_id"
        parts += [(0, "product_id", f"{there} > :start"), (1, "product_id", f"{there} < :start")]
    everywhere = "product WHERE site_id = :site_id AND visible AND id"
    parts += [(2, "id", f"{everywhere} > :start"), (3, "id", f"{everywhere} < :start")]
    return " UNION ALL ".join(
        f"SELECT id, {place} AS place FROM (SELECT {column} AS id FROM {source} ORDER BY {column} LIMIT :looked_at) AS part_{number}"
        for number, (place, column, source) in enumerate(parts)
    )
