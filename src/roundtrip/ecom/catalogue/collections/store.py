"""SQL of collections and of what is in them, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from roundtrip.ecom.catalogue.model import Collection
from roundtrip.media.medium import Medium
from roundtrip.query.listed import listed
from roundtrip.query.model import Page, Query
from roundtrip.query.store import Source, run
from roundtrip.storage.database import Row, Tx, Value

_COLUMNS = (
    "collection.site_id, collection.id, collection.slug, collection.name, collection.description, collection.visible, collection.media,"
    " collection.products, collection.revision, collection.created_at, collection.updated_at"
)
_encode = msgspec.json.Encoder().encode
_media = msgspec.json.Decoder(tuple[Medium, ...]).decode


def collection(tx: Tx, site_id: str, collection_id: str) -> Collection | None:
    """A collection of this site, hidden ones too."""
    row = tx.one(f"SELECT {_COLUMNS} FROM collection WHERE site_id = :site_id AND id = :id", site_id=site_id, id=collection_id)
    return _collection(row) if row else None


def collection_by_slug(tx: Tx, site_id: str, slug: str) -> Collection | None:
    """A collection by the last part of its address, hidden ones too."""
    row = tx.one(f"SELECT {_COLUMNS} FROM collection WHERE site_id = :site_id AND slug = :slug", site_id=site_id, slug=slug)
    return _collection(row) if row else None


def ids_of_slugs(tx: Tx, site_id: str, slugs: Sequence[str]) -> dict[str, str]:
    """The ids of those of these collections that exist, by slug."""
    if not slugs:
        return {}
    names, params = listed("slug", slugs)
    rows = tx.all(f"SELECT slug, id FROM collection WHERE site_id = :site_id AND slug IN ({names})", site_id=site_id, **params)
    return dict(rows)


def query_collections(tx: Tx, site_id: str, query: Query, *, hidden_too: bool) -> tuple[Page, list[Collection]]:
    """A page of the collections of a site."""
    where = "collection.site_id = :site_id" if hidden_too else "collection.site_id = :site_id AND collection.visible = :is_visible"
    params: dict[str, Value] = {"site_id": site_id} if hidden_too else {"site_id": site_id, "is_visible": True}
    page = run(tx, Source(_COLUMNS, "collection", where, params), query)
    return page, [_collection(row) for row in page.rows]


def insert_collection(tx: Tx, made: Collection) -> bool:
    """Keep a new collection. False when the site has one with this id or slug."""
    return (
        tx.execute(
            "INSERT INTO collection (site_id, id, slug, name, name_key, description, visible, media, products, revision, created_at,"
            " updated_at) VALUES (:site_id, :id, :slug, :name, :name_key, :description, :visible, :media, 0, :revision, :created_at,"
            " :updated_at)"
            " ON CONFLICT DO NOTHING",
            **_values(made),
            revision=made.revision,
            created_at=made.created_at,
        )
        == 1
    )


def replace_collection(tx: Tx, wanted: Collection, revision: int) -> bool:
    """Keep a collection as it is now, if it still has this revision. The slug must be free."""
    return (
        tx.execute(
            "UPDATE collection SET slug = :slug, name = :name, name_key = :name_key, description = :description, visible = :visible,"
            " media = :media, updated_at = :updated_at, revision = revision + 1"
            " WHERE site_id = :site_id AND id = :id AND revision = :revision",
            **_values(wanted),
            revision=revision,
        )
        == 1
    )


def delete_collection(tx: Tx, site_id: str, collection_id: str) -> bool:
    """Delete a collection, not its products. True for exactly one caller."""
    return tx.execute("DELETE FROM collection WHERE site_id = :site_id AND id = :id", site_id=site_id, id=collection_id) == 1


def hold(tx: Tx, site_id: str, collection_id: str) -> bool:
    """Keep a collection from being deleted until this transaction ends. False when it is gone."""
    # An update that changes nothing: on PostgreSQL it waits for whoever is just deleting the row, and then finds none.
    sql = "UPDATE collection SET updated_at = updated_at WHERE site_id = :site_id AND id = :id"
    return tx.execute(sql, site_id=site_id, id=collection_id) == 1


def add_product(tx: Tx, site_id: str, collection_id: str, product_id: str, now: int, *, visible: bool) -> bool:
    """Put a product into a collection, both of which this transaction holds. False when it was there already."""
    added = tx.execute(
        "INSERT INTO collection_product (site_id, collection_id, product_id, added_at)"
        " VALUES (:site_id, :collection_id, :product_id, :now) ON CONFLICT DO NOTHING",
        site_id=site_id,
        collection_id=collection_id,
        product_id=product_id,
        now=now,
    )
    if added and visible:
        _count(tx, site_id, collection_id, 1)
    return added == 1


def remove_product(tx: Tx, site_id: str, collection_id: str, product_id: str, *, visible: bool) -> bool:
    """Take a product, which this transaction holds, out of a collection. False when it was not there."""
    removed = tx.execute(
        "DELETE FROM collection_product WHERE site_id = :site_id AND collection_id = :collection_id AND product_id = :product_id",
        site_id=site_id,
        collection_id=collection_id,
        product_id=product_id,
    )
    if removed and visible:
        _count(tx, site_id, collection_id, -1)
    return removed == 1


def _count(tx: Tx, site_id: str, collection_id: str, by: int) -> None:
    sql = "UPDATE collection SET products = products + :by WHERE site_id = :site_id AND id = :id"
    tx.execute(sql, site_id=site_id, id=collection_id, by=by)


def count_everywhere(tx: Tx, site_id: str, product_id: str, by: int) -> None:
    """A product, which this transaction holds, is seen (1) or no longer seen (-1) in every collection that it is in."""
    tx.execute(
        "UPDATE collection SET products = products + :by WHERE site_id = :site_id AND id IN"
        " (SELECT collection_id FROM collection_product WHERE site_id = :site_id AND product_id = :product_id)",
        site_id=site_id,
        product_id=product_id,
        by=by,
    )


def _values(one: Collection) -> dict[str, Value]:
    return {
        "site_id": one.site_id,
        "id": one.id,
        "slug": one.slug,
        "name": one.name,
        "name_key": one.name.casefold(),
        "description": one.description,
        "visible": one.visible,
        "media": _encode(one.media).decode(),
        "updated_at": one.updated_at,
    }


def _collection(row: Row) -> Collection:
    return Collection(row[0], row[1], row[2], row[3], row[4], bool(row[5]), _media(row[6]), *row[7:])
