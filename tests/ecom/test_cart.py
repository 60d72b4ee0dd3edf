"""A visitor's cart, on both databases: what is put in stays in, once, however many tabs and calls there are at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from roundtrip.core.errors import AppError
from roundtrip.ecom.cart import actions as carts
from roundtrip.ecom.cart import store
from roundtrip.ecom.cart.model import MOST_OF_ONE, Cart, Owner
from roundtrip.ecom.goods import Reference
from roundtrip.ecom.product_shelf import STORES_OF_OLD
from roundtrip.ecom.quote import Availability, quote
from roundtrip.storage import outbox
from roundtrip.storage.database import Database
from tests.ecom.buying import MEMBER, VISITOR, coupon, in_shop, moment, put, reference, selling
from tests.ecom.shelf import MUG, NOW, SITE, mug, shirt
from tests.flows.at_once import at_once

SHIRT = shirt().id


def cart_of(db: Database, owner: Owner = VISITOR) -> Cart | None:
    return db.read_now(store.of_owner, SITE, owner)


def quantities(cart: Cart | None) -> list[int]:
    assert cart is not None
    return [line.quantity for line in cart.lines]


def test_the_same_thing_again_is_the_same_line(db: Database) -> None:
    selling(db, mug(), shirt())
    put(db, 2)
    put(db, item=reference(SHIRT, options={"Size": "S", "Color": "Black"}))
    put(db, item=reference(SHIRT, variantId="va000001"))
    put(db, item=Reference(STORES_OF_OLD, SHIRT, {"options": {"Color": "#000000", "Size": "S"}}))
    assert quantities(put(db)) == [3, 3]


def test_another_inscription_is_another_line(db: Database) -> None:
    selling(db)
    put(db, item=reference(customTextFields={"Engraving": "Ann"}))
    put(db, item=reference(customTextFields={"Engraving": "Bea"}))
    cart = put(db, item=reference(customTextFields={"Engraving": "Ann"}))
    assert quantities(cart) == [2, 1]
    priced = db.read_now(in_shop, quote, cart.asking, NOW)
    assert [line.availability for line in priced.lines] == [Availability.AVAILABLE, Availability.AVAILABLE]
    four = put(db, item=reference(customTextFields={"Engraving": "Bea"}))
    priced = db.read_now(in_shop, quote, four.asking, NOW)
    assert [line.availability for line in priced.lines] == [Availability.AVAILABLE, Availability.PARTIALLY_AVAILABLE], (
        "three mugs, four asked"
    )


@pytest.mark.parametrize(
    "item",
    [
        reference("00000000-0000-4000-8000-00000000dead"),
        Reference("00000000-0000-4000-8000-00000000a99a", MUG),
        reference(SHIRT),
        reference(SHIRT, options={"Size": "XL", "Color": "Black"}),
        reference(SHIRT, options={"Size": "S", "Color": "White"}),
        reference(SHIRT, variantId="va000003"),
        reference(SHIRT, options="S"),
        reference(SHIRT, options=["S"]),
    ],
)
def test_what_is_not_sold_is_refused_and_changes_nothing(db: Database, item: Reference) -> None:
    selling(db, mug(), shirt())
    with pytest.raises(AppError) as refused:
        put(db, item=item)
    assert refused.value.code == "ITEM_NOT_FOUND_IN_CATALOG"
    assert cart_of(db) is None


def test_numbers_that_nobody_can_buy_are_refused(db: Database) -> None:
    selling(db)
    for quantity in (0, -1, MOST_OF_ONE + 1):
        with pytest.raises(AppError) as refused:
            put(db, quantity)
        assert refused.value.violations[0].field == "lineItems[0].quantity"
    put(db, MOST_OF_ONE)
    with pytest.raises(AppError):
        put(db, 1)
    assert quantities(cart_of(db)) == [MOST_OF_ONE]


def test_a_burst_of_first_calls_makes_one_cart_with_all_of_it(db: Database) -> None:
    """PAY-06: sites start several calls at once with a token that is seconds old."""
    selling(db)
    answers = at_once([partial(put, db) for _ in range(20)])
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    assert quantities(cart_of(db)) == [20]


def test_adding_while_another_tab_deletes_never_fails_and_loses_no_later_line(db: Database) -> None:
    selling(db)

    def delete() -> object:
        try:
            return db.write_now(carts.delete, SITE, VISITOR, moment())
        except AppError as refused:
            return refused.code

    for _ in range(5):
        put(db)
        add: Callable[[], object] = partial(put, db)
        answers = at_once([add, delete, add, delete])
        assert not [answer for answer in answers if isinstance(answer, Exception)], answers
        assert {answers[1], answers[3]} <= {None, "OWNED_CART_NOT_FOUND"}
        db.write_now(store.forget, NOW + 1, 100)


def test_lines_change_and_go(db: Database) -> None:
    selling(db, mug(), shirt())
    put(db)
    cart = put(db, item=reference(SHIRT, variantId="va000001"))
    first, second = (line.id for line in cart.lines)
    assert quantities(db.write_now(carts.set_quantities, SITE, VISITOR, {first: 5, "gone": 2}, moment())) == [5, 1]
    assert quantities(db.write_now(carts.remove_lines, SITE, VISITOR, [first, "gone"], moment())) == [1]
    assert quantities(db.write_now(carts.remove_lines, SITE, VISITOR, [second], moment())) == []
    assert cart_of(db) is not None, "a cart without lines is still a cart"
    db.write_now(carts.delete, SITE, VISITOR, moment())
    for call in (partial(carts.current, site_id=SITE, owner=VISITOR), partial(carts.delete, site_id=SITE, owner=VISITOR, moment=moment())):
        with pytest.raises(AppError) as refused:
            db.write_now(call)
        assert refused.value.code == "OWNED_CART_NOT_FOUND"


def test_a_visitor_who_logs_in_finds_their_things_in_the_members_cart(db: Database) -> None:
    selling(db, mug(), shirt())
    coupon(db, "TEN")
    put(db, 2)
    db.write_now(carts.set_details, SITE, VISITOR, {"coupon_code": "TEN", "buyer_note": "Ring twice"}, moment())
    put(db, item=reference(SHIRT, variantId="va000001"), owner=MEMBER)
    put(db, owner=MEMBER)
    db.write_now(carts.set_details, SITE, MEMBER, {"buyer_note": "Leave it with Bea"}, moment())
    assert db.write_now(carts.merge, SITE, VISITOR.id, MEMBER.id, moment())
    merged = cart_of(db, MEMBER)
    assert quantities(merged) == [1, 3]
    assert merged is not None
    assert (merged.details.coupon_code, merged.details.buyer_note) == ("TEN", "Leave it with Bea")
    assert cart_of(db) is None
    told = [one.event.body for one in db.read_now(outbox.untold, 10) if one.event.entity == "cart"]
    assert told == [{"id": merged.id, "memberId": MEMBER.id, "visitorId": VISITOR.id, "lines": 1}]


def test_two_logins_at_once_and_a_repeated_one_double_nothing(db: Database) -> None:
    """PAY-06."""
    selling(db)
    for _ in range(5):
        put(db, 2)
        merges = [partial(db.write_now, carts.merge, SITE, VISITOR.id, MEMBER.id, moment()) for _ in range(8)]
        answers = at_once(merges)
        assert sorted(answers) == [False] * 7 + [True]  # type: ignore[type-var]
        assert quantities(cart_of(db, MEMBER)) == [2]
        db.write_now(carts.delete, SITE, MEMBER, moment())


def test_logging_in_while_the_site_still_adds_loses_nothing(db: Database) -> None:
    selling(db)
    for _ in range(5):
        put(db)
        calls: list[Callable[[], object]] = [partial(put, db), partial(put, db, owner=MEMBER)]
        calls.append(partial(db.write_now, carts.merge, SITE, VISITOR.id, MEMBER.id, moment()))
        answers = at_once(calls)
        assert not [answer for answer in answers if isinstance(answer, Exception)], answers
        left = sum(quantities(cart)[0] for cart in (cart_of(db), cart_of(db, MEMBER)) if cart is not None)
        assert left == 3
        db.write_now(store.forget, NOW + 1, 100)


def test_more_of_one_thing_than_a_cart_holds_does_not_stop_a_login(db: Database) -> None:
    selling(db)
    put(db, MOST_OF_ONE)
    put(db, 5, owner=MEMBER)
    assert db.write_now(carts.merge, SITE, VISITOR.id, MEMBER.id, moment())
    assert quantities(cart_of(db, MEMBER)) == [MOST_OF_ONE]


def test_what_was_bought_leaves_the_cart_and_what_was_added_since_stays(db: Database) -> None:
    selling(db)
    cart = put(db, 3)
    key = f"{MUG}/00000000-0000-0000-0000-000000000000"
    db.write_now(carts.take_out_bought, cart.id, [(key, 2)])
    assert quantities(cart_of(db)) == [1]
    db.write_now(carts.take_out_bought, cart.id, [(key, 2)])
    assert cart_of(db) is None
    assert db.write_now(carts.locked_after_checkout, SITE, cart.id, "none", None, NOW) is None


def test_an_old_cart_is_forgotten(db: Database) -> None:
    selling(db)
    put(db)
    assert db.write_now(store.forget, NOW, 10) == 0
    assert db.write_now(store.forget, NOW + 1, 10) == 1
    assert cart_of(db) is None
