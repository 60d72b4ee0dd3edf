"""A checkout that is changed at the moment in which it is placed without paying. Real threads, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event

from roundtrip.core.ids import new_id
from roundtrip.ecom.catalogue import store as catalogue
from roundtrip.ecom.catalogue.model import ProductKind
from roundtrip.ecom.checkout import actions as checkouts
from roundtrip.ecom.goods import Reference
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Tx
from roundtrip.workflows.shop import open_shop
from tests.api.shape import refused
from tests.app_fixture import NOW
from tests.buying.conftest import CHECKOUTS, STORES, Till, item
from tests.buying.test_checkout_api import ready
from tests.ecom.shelf import MUG, mug

_SOMEBODY_WAITS = "SELECT 1 FROM pg_locks WHERE NOT granted AND transactionid = pg_current_xact_id()::xid"


def gives_samples(tx: Tx, till: Till) -> str:
    """A thing that costs nothing and is sent by nobody."""
    site_id, number = till.app.world.site.id, 3000
    sample = replace(mug("0.00"), id="90d00000-0000-4000-8000-00000000f4ee", slug="sample", site_id=site_id, number=number)
    assert catalogue.insert_product(tx, replace(sample, kind=ProductKind.DIGITAL))
    return sample.id


def add_mugs(tx: Tx, till: Till, checkout_id: str, has_it: Event) -> None:
    """Put three mugs into the checkout, and be done when somebody waits for that, where somebody can."""
    wanted = [(Reference(STORES, MUG, {}), 3)]
    checkouts.add_lines(tx, open_shop(tx, till.app.world.site), checkout_id, wanted, Moment(NOW, new_id(NOW)))
    has_it.set()
    if tx.dialect == "postgresql":
        assert any(tx.one(_SOMEBODY_WAITS) for _ in range(20_000)), "nobody waited for this transaction"


def test_what_was_free_when_it_was_looked_at_is_not_placed_unpaid_with_more_in_it(till_on_each: Till) -> None:
    """PAY-05, PAY-09: whether anything is to be paid is decided under the lock under which the order is made."""
    till, db = till_on_each, till_on_each.app.application.db
    checkout = ready(till, item(db.write_now(gives_samples, till)))
    assert checkout["priceSummary"]["total"]["amount"] == "0.00"
    has_it = Event()
    with ThreadPoolExecutor(1) as other_tab:
        adding = other_tab.submit(db.write_now, add_mugs, till, checkout["id"], has_it)
        assert has_it.wait(10)
        answer = till.call("POST", f"{CHECKOUTS}/{checkout['id']}/create-order", {})
        adding.result(10)
    refused(answer, 409, "SITE_NOT_ACCEPTING_PAYMENTS")
    assert db.read_now(lambda tx: tx.all("SELECT id FROM shop_order")) == []


def test_what_costs_nothing_is_placed_by_a_shop_that_is_paid_at_once(till: Till) -> None:
    """Placing it without a page is for that."""
    free = ready(till, item(till.app.application.db.write_now(gives_samples, till)))
    order_id = till.post(f"{CHECKOUTS}/{free['id']}/create-order")["orderId"]
    order = till.get(f"/ecom/v1/orders/{order_id}")["order"]
    assert (order["status"], order["paymentStatus"]) == ("APPROVED", "PAID")
