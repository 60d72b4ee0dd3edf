"""Something is sold out, and visitors ask to be told when it is back: each gets one mail, however it comes back and whoever is at it."""

from __future__ import annotations

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import httpx
import msgspec
import pytest

from roundtrip.core.ids import new_id
from roundtrip.ecom.back_in_stock import store as waiting
from roundtrip.ecom.back_in_stock.model import KEPT_FOR
from roundtrip.ecom.catalogue import store as catalogue
from roundtrip.sites.moment import Moment
from roundtrip.storage import audit
from roundtrip.worker.back_in_stock import BackInStockTeller
from roundtrip.workflows import back_in_stock
from tests.api.shape import refused, succeeded, violated
from tests.buying.conftest import SHIRT, Json, Till, item
from tests.buying.test_checkout_api import paid_later, placed

PATH = "/back-in-stock-service/v1/back-in-stock-notification-requests"
BLACK_S, BLACK_M = "va000001", "va000002"
STOCK = "/api/v1/products/{}/stock"
OFFERED = "https://shop.example/p/shirt"


def asks(till: Till, email: str = "Ann@Example.com", variant_id: str = BLACK_M, url: str = OFFERED, **headers: str) -> httpx.Response:
    """A visitor wants to be told of a shirt."""
    wanted = item(SHIRT, variantId=variant_id)["catalogReference"]
    details = {"name": "Evil & Co", "price": "5", "image": {"id": "x", "width": 1, "height": 1}}
    body = {"request": {"email": email, "itemUrl": url, "catalogReference": wanted}, "itemDetails": details}
    return till.app.post(PATH, body, till.token, **headers)


def stock(till: Till, quantity: int, variant_id: str = BLACK_M) -> None:
    till.owner("PUT", STOCK.format(SHIRT), {"variantId": variant_id, "quantity": quantity})


def told(till: Till) -> int:
    """One round of the worker; how many it told."""
    return int(till.app.runner.run(BackInStockTeller(till.app.application.db, till.app.clock).round()))


def mails(till: Till) -> list[Json]:
    rows = till.app.application.db.read_now(lambda tx: tx.all("SELECT body FROM outbox WHERE entity = 'mail' ORDER BY occurred_at, id"))
    found = [msgspec.json.decode(body, type=dict) for (body,) in rows]
    return [mail for mail in found if mail["kind"] == "back_in_stock"]


def listed(till: Till, **wanted: Any) -> list[str]:
    """The states of the requests that a filter finds."""
    found = till.owner("POST", f"{PATH}/query", {"query": {"filter": wanted}})
    return [one["status"] for one in found["requests"]]


def test_who_waits_gets_one_mail_when_the_owner_fills_the_shelf(till_on_each: Till) -> None:
    """PAG-07 for the language, OPS-08 for what events say of the address."""
    till = till_on_each
    made = succeeded(asks(till, x_wix_linguist="de|de|true"))["request"]
    assert (made["email"], made["status"], made["itemUrl"]) == ("Ann@Example.com", "RECEIVED", OFFERED)
    assert made["catalogReference"]["options"] == {"variantId": BLACK_M}
    refused(asks(till.another(), "ann@example.COM"), 409, "BACK_IN_STOCK_NOTIFICATION_REQUEST_ALREADY_EXISTS")
    assert succeeded(asks(till, "ben@example.com", accept_language="fr-CA,fr;q=0.9"))
    assert told(till) == 0

    stock(till, 2)
    stock(till, 3)
    assert told(till) == 2
    assert (told(till), listed(till)) == (0, ["NOTIFICATION_SENT"] * 2)
    ann, ben = sorted(mails(till), key=lambda mail: mail["to"])
    assert (ann["to"], ann["language"], ann["values"]) == ("Ann@Example.com", "de", {"item": "Shirt (M, Black)", "url": OFFERED})
    assert (ben["to"], ben["language"]) == ("ben@example.com", "fr-CA")
    till.app.runner.run(till.app.application.mails.round())
    caught = succeeded(till.app.get("/api/v1/mailbox", till.app.world.key))["mails"]
    assert {mail["subject"] for mail in caught} >= {"Wieder auf Lager: Shirt (M, Black)", "De nouveau en stock : Shirt (M, Black)"}
    events = till.app.application.db.read_now(lambda tx: tx.all("SELECT body FROM outbox WHERE entity = 'back_in_stock_request'"))
    assert (len(events), "example.com" in str(events).lower()) == (4, False)

    stock(till, 0)
    succeeded(asks(till))
    assert listed(till, email="ANN@example.com", status="RECEIVED") == ["RECEIVED"]


def test_owners_see_and_delete_what_visitors_left_and_nobody_else_does(till: Till) -> None:
    """AUT-14; OPS-02 without saying whose it was."""
    made = succeeded(asks(till))["request"]
    flat = till.owner("GET", f"{PATH}?query.filter.status=RECEIVED&query.paging.limit=1")
    packed = base64.urlsafe_b64encode(json.dumps({"query": {"filter": {"id": made["id"]}}}).encode()).decode().rstrip("=")
    assert flat["requests"] == till.owner("GET", f"/v1{PATH.split('/v1')[1]}?.r={packed}")["requests"] == [made]
    assert till.owner("GET", f"{PATH}/{made['id']}")["request"] == made
    for method, path in (("GET", f"{PATH}/{made['id']}"), ("POST", f"{PATH}/query"), ("DELETE", f"{PATH}/{made['id']}")):
        refused(till.call(method, path, {} if method == "POST" else None), 403, "PERMISSION_DENIED")
    foreign = till.call("GET", f"{PATH}/{made['id']}", token=till.app.world.foreign_key)
    refused(foreign, 404, "BACK_IN_STOCK_NOTIFICATION_REQUEST_NOT_FOUND")
    till.owner("DELETE", f"{PATH}/{made['id']}")
    again = till.call("DELETE", f"{PATH}/{made['id']}", token=till.app.world.key)
    refused(again, 404, "BACK_IN_STOCK_NOTIFICATION_REQUEST_NOT_FOUND")
    site_id = till.app.world.site.id
    log = till.app.application.db.read_now(lambda tx: audit.page(tx, site_id=site_id, before_id=None, limit=9, object_id=made["id"]))
    assert [one.action for one in log] == ["back_in_stock_request.deleted"]
    assert "ann" not in str(log[0]).lower()
    stock(till, 1)
    assert told(till) == 0


def test_what_nobody_can_wait_for_is_refused_with_the_reason(till: Till) -> None:
    refused(asks(till, variant_id=BLACK_S), 409, "ITEM_IN_STOCK")
    refused(asks(till, variant_id="va000003"), 404, "ITEM_NOT_FOUND_IN_CATALOG")
    for wanted in (item(SHIRT), item("no-guid"), item(SHIRT[:-1] + "9"), item(SHIRT, options={"Size": "M"})):
        body = {"request": {"email": "ann@example.com", "catalogReference": wanted["catalogReference"]}}
        refused(till.call("POST", PATH, body), 404, "ITEM_NOT_FOUND_IN_CATALOG")
    violated(asks(till, "nobody"), "request.email", "FORMAT")
    violated(till.call("POST", PATH, {"request": {"email": "ann@example.com"}}), "request.catalogReference", "REQUIRED_FIELD")
    till.owner("PATCH", "/api/v1/shop-settings", {"shopSettings": {"backInStockRequests": False}})
    refused(asks(till), 409, "REQUEST_COLLECTION_DISABLED")
    till.owner("PATCH", "/api/v1/shop-settings", {"shopSettings": {"backInStockRequests": True}})
    succeeded(asks(till))
    assert (len(listed(till)), mails(till)) == (1, [])


def test_nobodys_mailbox_is_filled_and_no_strangers_link_is_sent(till: Till) -> None:
    """RED-08: the page that a mail links to is on the client's list when it is sent. Somebody waits for twenty things at most."""
    succeeded(asks(till, url="https://evil.example/login"))
    stock(till, 1)
    assert told(till) == 1
    assert "url" not in mails(till)[0]["values"]
    stock(till, 0)
    db, site_id = till.app.application.db, till.app.world.site.id

    def waits_for_much(tx: Any) -> None:
        kept = waiting.of_person(tx, site_id, "ann@example.com")[0]
        for number in range(20):
            other = msgspec.structs.replace(kept.reference, item_id=f"other{number}")
            assert waiting.insert(tx, type(kept)(**{**_fields(kept), "id": f"r{number}", "reference": other}))

    db.write_now(waits_for_much)
    assert refused(asks(till), 409, "TOO_MANY")["data"] == {"most": 20}
    assert db.write_now(waiting.forget, till.app.clock() - KEPT_FOR, 50) == 0
    assert db.write_now(waiting.forget, till.app.clock() + 1, 50) == 21, "a year later"


def _fields(kept: Any) -> dict[str, Any]:
    from_store = {name: getattr(kept, name) for name in kept.__slots__}
    return {**from_store, "status": type(kept.status).RECEIVED}


def test_goods_come_back_from_a_cancelled_order_and_wait_with_the_people_while_hidden(till: Till) -> None:
    paid_later(till)
    order_id = placed(till, item(SHIRT, variantId=BLACK_S))
    succeeded(asks(till.another(), "ben@example.com", BLACK_S))
    till.owner("POST", f"/ecom/v1/orders/{order_id}/cancel", {})
    gone_again = placed(till, item(SHIRT, variantId=BLACK_S))
    assert told(till) == 0, "somebody was quicker than the worker"
    till.owner("POST", f"/ecom/v1/orders/{gone_again}/cancel", {})
    till.owner("PATCH", f"/stores/v1/products/{SHIRT}", {"product": {"visible": False}, "mask": {"paths": ["visible"]}})
    assert told(till) == 0, "hidden"
    till.owner("PATCH", f"/stores/v1/products/{SHIRT}", {"product": {"visible": True}, "mask": {"paths": ["visible"]}})
    assert told(till) == 1
    assert [mail["to"] for mail in mails(till)] == ["ben@example.com"]
    succeeded(asks(till, variant_id=BLACK_M))
    till.owner("DELETE", f"/stores/v1/products/{SHIRT}")
    assert listed(till) == [], "nobody waits for what will never be back"


def test_two_who_fill_the_shelf_and_two_workers_send_one_mail(till_on_each: Till) -> None:
    """TST-06: and a visitor who asks while the shelf is filled is told, or is told now that it is there."""
    till, db, site_id = till_on_each, till_on_each.app.application.db, till_on_each.app.world.site.id
    succeeded(asks(till, "ann@example.com"))
    together = Barrier(5)

    def fill() -> None:
        together.wait(10)
        assert db.write_now(catalogue.change_stock, site_id, SHIRT, BLACK_M, 1)

    def work() -> None:
        together.wait(10)
        for one in db.read_now(back_in_stock.due, 10):
            db.write_now(back_in_stock.tell_some, one, 1, Moment(till.app.clock(), new_id(till.app.clock())))

    was_in_time: list[bool] = []

    def ask() -> None:
        together.wait(10)
        was_in_time.append(db.write_now(lambda tx: waiting.hold_sold_out(tx, site_id, SHIRT, BLACK_M) and _also_waits(tx, site_id)))

    with ThreadPoolExecutor(5) as pool:
        for job in [pool.submit(act) for act in (fill, fill, work, work, ask)]:
            job.result(30)
    told(till)
    assert sorted(mail["to"] for mail in mails(till)) == ["ann@example.com", *(["late@example.com"] if was_in_time == [True] else [])]
    assert set(listed(till)) == {"NOTIFICATION_SENT"}
    assert db.read_now(waiting.due, 10) == []


def _also_waits(tx: Any, site_id: str) -> bool:
    kept = waiting.of_person(tx, site_id, "ann@example.com")[0]
    return waiting.insert(tx, type(kept)(**{**_fields(kept), "id": "late", "email": "late@example.com"}))


def test_a_worker_that_dies_between_two_lines_has_told_nobody(till: Till) -> None:
    succeeded(asks(till))
    stock(till, 1)
    db = till.app.application.db
    (one,) = db.read_now(back_in_stock.due, 10)

    def dies(tx: Any) -> None:
        back_in_stock.tell_some(tx, one, 10, Moment(till.app.clock(), new_id(till.app.clock())))
        raise RuntimeError("the power is gone")

    with pytest.raises(RuntimeError):
        db.write_now(dies)
    assert (listed(till), mails(till)) == (["RECEIVED"], [])
    assert (told(till), len(mails(till))) == (1, 1)
