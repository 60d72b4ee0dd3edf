"""What becomes of orders when their buyer is erased: they stay for the books with nobody in them; open ones stand in the way (OPS-08)."""

from __future__ import annotations

import json
import re
from typing import Any

from roundtrip.core.ids import new_id
from roundtrip.ecom.cart import store as carts
from roundtrip.ecom.checkout import store as checkouts
from roundtrip.ecom.orders import actions as order_actions
from roundtrip.ecom.orders.buyers import store as buyers
from roundtrip.ecom.orders.model import Status
from roundtrip.payments import actions as payments
from roundtrip.payments.buyers import store as payers
from roundtrip.payments.model import Report, Verdict
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Tx
from roundtrip.workflows.cancel_order import cancel
from roundtrip.workflows.order_seller import owed
from roundtrip.workflows.place_order import place
from roundtrip.workflows.selling import SELLERS, settle
from roundtrip.workflows.shop import open_shop
from tests.api.shape import refused, succeeded
from tests.app_fixture import App
from tests.buying.conftest import CHECKOUTS, Till
from tests.buying.test_checkout_api import ready
from tests.dashboard.owner_browser import OwnerBrowser, readable
from tests.people import purchase
from tests.people.life import MARY, traces

EXPORT, ERASE = "/api/v1/personal-data/export", "/api/v1/personal-data/erase"
WORK = "mary.quant@work.example"


def buyer(app: App) -> tuple[Till, str]:
    """Mary, logged in, in a shop; and her id."""
    purchase.shop(app)
    member = app.register(email=MARY)
    return Till(app, app.member(session_token=member["sessionToken"])["access_token"]), member["id"]


def erase(app: App, **who: str) -> Any:
    app.clock.move(1)
    return app.post(ERASE, who, app.world.key)


def events(app: App, entity: str) -> list[tuple[str, Any, str | None]]:
    rows = app.application.db.read_now(
        lambda tx: tx.all("SELECT slug, body, person FROM outbox WHERE entity = :entity ORDER BY occurred_at, id", entity=entity)
    )
    return [(slug, json.loads(body), person) for slug, body, person in rows]


def test_the_books_still_add_up_and_know_the_country_only(app_on_each: App) -> None:
    """OPS-08: amounts, goods, taxes and the state stay; `order.updated` tells who keeps copies to read it again."""
    till, member_id = buyer(app_on_each)
    order_id = purchase.orders(till, MARY)
    purchase.is_finished(till, order_id)
    before = till.owner("GET", f"/ecom/v1/orders/{order_id}")["order"]
    assert all(person == member_id for entity in ("order", "payment") for _, _, person in events(app_on_each, entity))
    succeeded(erase(app_on_each, memberId=member_id))

    after = till.owner("GET", f"/ecom/v1/orders/{order_id}")["order"]
    for kept in ("number", "createdDate", "priceSummary", "balanceSummary", "taxSummary", "status", "paymentStatus", "fulfillmentStatus"):
        assert after.get(kept) == before.get(kept), kept
    assert after["updatedDate"] > before["updatedDate"]
    assert [line["productName"] for line in after["lineItems"]] == [line["productName"] for line in before["lineItems"]]
    assert after["buyerInfo"] == {}
    (told,) = events(app_on_each, "order")
    assert (told[0], told[1]["id"], "memberId" in told[1], told[2]) == ("updated", order_id, False, None)
    content = app_on_each.application.db.read_now(order_actions.require, app_on_each.world.site.id, order_id).content
    assert content.is_erased
    assert content.shipping is not None
    assert (content.shipping.address.country, content.shipping.address.subdivision) == ("US", "US-NY")
    assert "US" in json.dumps(after)
    assert traces(app_on_each) == []


def test_open_orders_stand_in_the_way_and_are_named(app: App) -> None:
    """OPS-08, decision 0047: nothing is erased, not even a part, until the owner has finished, cancelled or put away each."""
    till, member_id = buyer(app)
    unsent, unpaid, archived = (purchase.orders(till, MARY, coupon=None) for _ in range(3))
    till.owner("POST", f"/ecom/v1/payments-collector/orders/{unsent}/mark-as-paid")
    till.owner("POST", f"/ecom/v1/fulfillments/orders/{unpaid}/create-fulfillment", {})
    error = refused(erase(app, memberId=member_id), 409, "ORDERS_OPEN")
    assert [one["id"] for one in error["data"]["orders"]] == [unsent, unpaid, archived]
    assert all(one["number"] in error["description"] for one in error["data"]["orders"])
    assert succeeded(app.get(f"/api/v1/members/{member_id}", app.world.key))["email"] == MARY
    assert till.get(f"/ecom/v1/orders/{unsent}")["order"]["buyerInfo"]["email"] == MARY, "her tokens still work"

    till.owner("POST", f"/ecom/v1/fulfillments/orders/{unsent}/create-fulfillment", {})
    till.owner("POST", f"/ecom/v1/payments-collector/orders/{unpaid}/mark-as-paid")
    error = refused(erase(app, memberId=member_id), 409, "ORDERS_OPEN")
    assert [one["id"] for one in error["data"]["orders"]] == [archived]
    till.owner("PATCH", f"/ecom/v1/orders/{archived}", {"order": {"archived": True}})
    assert succeeded(erase(app, memberId=member_id))["erased"]["orders"] == 3
    assert traces(app) == []


def test_an_owner_at_the_dashboard_is_told_which_orders_are_open(desk: OwnerBrowser) -> None:
    till, member_id = buyer(desk.app)
    purchase.orders(till, MARY)
    desk.open(f"kiln/members/{member_id}/erase")
    page = desk.refuse("/erase", {"word": "erase"}, 409)
    assert "open orders: 10001" in readable(page)


def test_another_address_than_that_of_the_account_goes_too(app_on_each: App) -> None:
    """OPS-08: her order and the mails about it went to another address; what others left under that address stays theirs."""
    till, member_id = buyer(app_on_each)
    order_id = purchase.orders(till, WORK)
    purchase.is_finished(till, order_id)
    other = till.another()
    theirs = str(other.post(f"{CHECKOUTS}/{ready(other)['id']}/create-order")["orderId"])
    app_on_each.runner.run(app_on_each.application.mails.round())
    succeeded(erase(app_on_each, memberId=member_id))
    assert traces(app_on_each) == []
    assert till.owner("GET", f"/ecom/v1/orders/{theirs}")["order"]["buyerInfo"]["email"] == "ann@shop.example"


def test_a_guest_is_found_by_the_address_they_bought_with(app_on_each: App) -> None:
    """OPS-08: carts, checkouts, orders, payments, coupons and mails of somebody who never became a member."""
    till = purchase.shop(app_on_each)
    purchase.buys(app_on_each, till.token, MARY)
    found = succeeded(app_on_each.post(EXPORT, {"email": MARY}, app_on_each.world.key))["personalData"]
    bought = {"carts", "coupons", "orders", "checkouts", "payments", "messages"}
    assert {name for name, rows in found.items() if rows} == bought | {"back_in_stock_requests"}
    assert succeeded(erase(app_on_each, email=MARY))["memberId"] is None
    assert traces(app_on_each) == []
    refused(app_on_each.post(EXPORT, {"email": MARY}, app_on_each.world.key), 404, "PERSON_NOT_FOUND")


def test_money_that_comes_after_its_buyer_was_erased_goes_back(app: App) -> None:
    """PAY-08, OPS-08: the goods are there, but nobody is left to send them to."""
    till, member_id = buyer(app)
    site, now = app.world.site, app.clock()
    checkout_id = ready(till)["id"]

    def ordered_and_cancelled(tx: Tx) -> tuple[str, str]:
        shop, moment = open_shop(tx, site), Moment(now, new_id(now))
        order = place(tx, shop, checkout_id, moment=moment).order
        paying = payments.begin(tx, owed(order, return_path="/back"), "test", now)
        cancel(tx, shop, order.id, restocks=True, moment=moment)
        return order.id, paying.id

    order_id, attempt_id = app.application.db.write_now(ordered_and_cancelled)
    succeeded(erase(app, memberId=member_id))
    paid = app.application.db.read_now(order_actions.require, site.id, order_id)
    report = Report(site.id, "test", "late", attempt_id, Verdict.CAPTURED, units=paid.total.units, currency=paid.currency)
    settled = app.application.db.write_now(settle, SELLERS, report, now + 2)
    assert settled.is_late
    seen = app.application.db.read_now(order_actions.require, site.id, order_id)
    assert (seen.status, seen.refunded) == (Status.CANCELED, seen.total)


def explained(tx: Tx, sql: str, params: dict[str, str]) -> Any:
    return tx.all(sql, **params)


def test_finding_what_somebody_bought_reads_an_index(app: App) -> None:
    """OPS-08: what erasing costs does not grow with what others bought."""
    stores = {"cart": carts, "checkout": checkouts, "shop_order": buyers, "payment_attempt": payers}
    for table, store in stores.items():
        sql = f"EXPLAIN QUERY PLAN SELECT id FROM {table} WHERE {store._OF_PERSON}"
        names = dict.fromkeys(re.findall(r":(\w+)", sql), "x")
        plan = [str(row[-1]) for row in app.application.db.read_now(explained, sql, names)]
        assert not [step for step in plan if step.startswith("SCAN")], (table, plan)
        found = [step.split(" ", 2)[2] for step in plan if step.startswith("SEARCH")]
        assert all(step.count("=?") > 1 or "(id=?)" in step for step in found), (table, found)
        assert len(found) == 3, "by the member, by the address, and what was found"
