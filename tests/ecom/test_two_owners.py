"""Two who change a store at the same moment: one after the other, never half of each, never a fault of ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from roundtrip.core.errors import AppError
from roundtrip.core.identity import COMMAND
from roundtrip.core.ids import new_id
from roundtrip.ecom.catalogue import actions, seed, store
from roundtrip.ecom.catalogue.collections import actions as collections
from roundtrip.ecom.catalogue.collections import store as collection_store
from roundtrip.sites.change import Change
from roundtrip.storage.database import Database, Tx
from tests.ecom.counter import ALL, APPAREL, HOME, MUG, PIN, SHIRT, TOTE
from tests.ecom.shelf import NOW, SITE, open_shop
from tests.flows.at_once import at_once

ROUNDS = 4


def change() -> Change:
    return Change(new_id(NOW), COMMAND, NOW)


def put_up(tx: Tx) -> None:
    open_shop(tx)
    seed.seed(tx, SITE, now=NOW)


def together(db: Database, *doing: Callable[[Tx], Any]) -> list[str]:
    """`done`, or the code of the refusal, of each. Anything else fails the test."""
    told = []
    for outcome in at_once([lambda one=one: db.write_now(one) for one in doing]):  # type: ignore[misc]
        if isinstance(outcome, Exception) and not isinstance(outcome, AppError):
            raise outcome
        told.append(outcome.code if isinstance(outcome, AppError) else "done")
    return told


def counted(db: Database) -> None:
    """Every collection says how many visible products are in it, and the catalogue how many there are."""
    rows = db.read_now(
        lambda tx: tx.all(
            "SELECT c.slug, c.products, (SELECT COUNT(*) FROM collection_product m JOIN product p ON p.site_id = m.site_id"
            " AND p.id = m.product_id WHERE m.site_id = c.site_id AND m.collection_id = c.id AND p.visible) FROM collection c"
        )
    )
    assert [row for row in rows if row[1] != row[2]] == []
    total = db.read_now(lambda tx: tx.one("SELECT products, (SELECT COUNT(*) FROM product) FROM catalogue"))
    assert total is not None
    assert total[0] == total[1]


def test_a_collection_is_deleted_while_products_join_it(db: Database) -> None:
    db.write_now(put_up)
    for number in range(ROUNDS):
        made = db.write_now(collections.create, SITE, {"name": f"Brief {number}"}, collection_id=new_id(NOW), change=change())
        told = together(
            db,
            lambda tx, made=made: collections.add_products(tx, SITE, made.id, [MUG, PIN], change()),  # type: ignore[misc]
            lambda tx, made=made: collections.delete(tx, SITE, made.id, change()),  # type: ignore[misc]
            lambda tx, made=made: actions.update(  # type: ignore[misc]
                tx, SITE, TOTE, {"collectionIds": [made.id]}, revision=None, fresh=lambda: new_id(NOW), change=change()
            ),
        )
        assert told[1] == "done"
        assert {told[0], told[2]} <= {"done", "COLLECTION_NOT_FOUND"}
        assert db.read_now(collection_store.collection, SITE, made.id) is None
        counted(db)


def test_a_product_is_deleted_while_it_joins_a_collection_and_is_hidden(db: Database) -> None:
    db.write_now(put_up)
    for number in range(ROUNDS):
        fields = {"name": f"Brief {number}", "price": 1, "collectionIds": [APPAREL]}
        made = db.write_now(actions.create, SITE, fields, product_id=new_id(NOW), fresh=lambda: new_id(NOW), change=change())
        told = together(
            db,
            lambda tx, made=made: actions.delete(tx, SITE, made.id, change()),  # type: ignore[misc]
            lambda tx, made=made: collections.add_products(tx, SITE, HOME, [made.id], change()),  # type: ignore[misc]
            lambda tx, made=made: actions.update(  # type: ignore[misc]
                tx, SITE, made.id, {"visible": False}, revision=None, fresh=lambda: new_id(NOW), change=change()
            ),
        )
        assert told[0] == "done"
        assert {told[1], told[2]} <= {"done", "PRODUCT_NOT_FOUND", "REVISION_CHANGED"}
        assert db.read_now(store.product, SITE, made.id) is None
        counted(db)


def test_of_two_with_one_revision_one_wins(db: Database) -> None:
    """OPS-04."""
    db.write_now(put_up)
    told = together(
        db,
        *(
            lambda tx, price=price: actions.update(tx, SITE, MUG, {"price": price}, revision=1, fresh=lambda: new_id(NOW), change=change())
            for price in ("1.00", "2.00", "3.00", "4.00")
        ),
    )
    assert sorted(told) == ["REVISION_CHANGED", "REVISION_CHANGED", "REVISION_CHANGED", "done"]
    found = db.read_now(store.product, SITE, MUG)
    assert found is not None
    assert (found.revision, found.price.text) == (2, f"{told.index('done') + 1}.00")


def test_two_new_products_cannot_have_one_slug(db: Database) -> None:
    db.write_now(open_shop)
    fields = {"name": "Bowl", "slug": "bowl", "price": "20.00"}
    making = lambda tx: actions.create(tx, SITE, fields, product_id=new_id(NOW), fresh=lambda: new_id(NOW), change=change())  # noqa: E731
    assert sorted(together(db, making, making, making)) == ["SLUG_TAKEN", "SLUG_TAKEN", "done"]
    counted(db)
    renaming = [
        lambda tx, one=one: actions.update(tx, SITE, one, {"slug": "cup"}, revision=None, fresh=lambda: new_id(NOW), change=change())
        for one in _two_products(db)
    ]
    assert sorted(together(db, *renaming)) == ["SLUG_TAKEN", "done"]


def _two_products(db: Database) -> list[str]:
    ids = [new_id(NOW), new_id(NOW)]
    for one in ids:
        db.write_now(actions.create, SITE, {"name": one, "price": 1}, product_id=one, fresh=lambda: new_id(NOW), change=change())
    return ids


def test_a_sale_and_a_change_of_words_do_not_undo_each_other(db: Database) -> None:
    db.write_now(put_up)
    told = together(
        db,
        lambda tx: store.change_stock(tx, SITE, SHIRT, _first_variant(tx), -4),
        lambda tx: actions.update(tx, SITE, SHIRT, {"name": "Shirt"}, revision=None, fresh=lambda: new_id(NOW), change=change()),
        lambda tx: store.change_stock(tx, SITE, SHIRT, _first_variant(tx), -3),
    )
    assert told == ["done"] * 3
    found = db.read_now(store.product, SITE, SHIRT)
    assert found is not None
    assert (found.name, found.variants[0].quantity) == ("Shirt", 3)


def _first_variant(tx: Tx) -> str:
    found = store.product(tx, SITE, SHIRT)
    assert found is not None
    return found.variants[0].id


def test_many_join_and_leave_and_every_count_is_right(db: Database) -> None:
    db.write_now(put_up)
    for _ in range(ROUNDS):
        told = together(
            db,
            lambda tx: collections.add_products(tx, SITE, HOME, [TOTE, SHIRT, PIN], change()),
            lambda tx: collections.remove_products(tx, SITE, HOME, [PIN, MUG], change()),
            lambda tx: collections.add_products(tx, SITE, APPAREL, [PIN, MUG], change()),
            lambda tx: actions.update(tx, SITE, PIN, {"visible": False}, revision=None, fresh=lambda: new_id(NOW), change=change()),
            lambda tx: actions.update(tx, SITE, PIN, {"visible": True}, revision=None, fresh=lambda: new_id(NOW), change=change()),
        )
        assert set(told) <= {"done", "REVISION_CHANGED"}
        counted(db)
    everything = db.read_now(collection_store.collection, SITE, ALL)
    assert everything is not None
