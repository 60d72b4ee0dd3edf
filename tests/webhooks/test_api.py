"""Owners make endpoints, read the log and send again over JSON; their programs read the feed. Against the whole application."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator

import httpx
import pytest
from standardwebhooks import Webhook

from roundtrip.core.clock import MINUTE
from roundtrip.core.secrets import new_secret
from roundtrip.sites import actions as sites
from tests.app_fixture import NOW, App, Json
from tests.webhooks.town import Receiver, receiving

ENDPOINTS, DELIVERIES, EVENTS = "/api/v1/webhook-endpoints", "/api/v1/webhook-deliveries", "/api/v1/events"


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with receiving() as one:
        yield one


def key_for(app: App, *permissions: str) -> str:
    text = new_secret("IST.")
    app.application.db.write_now(
        sites.create_api_key, site=app.world.site, key_id=text[-20:], key=text, name="key", permissions=permissions, now=NOW
    )
    return text


def ok(answer: httpx.Response) -> Json:
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def tell(app: App) -> None:
    app.runner.run(app.application.webhooks.round())


def test_an_owner_makes_an_endpoint_reads_what_became_of_a_visit_and_sends_it_again(app: App, receiver: Receiver) -> None:
    """The whole way: endpoint, visit, signed delivery, log, resend, new key, off, gone."""
    receiver.got.clear()
    key = key_for(app, "webhook.read", "webhook.manage", "event.read")
    made = ok(app.post(ENDPOINTS, {"url": receiver.url(), "events": ["redirect_session.*"], "description": "Shop"}, key))
    assert str(made["secret"]).startswith("whsec_")
    session = app.session({"login": {}, "callbacks": {"postFlowUrl": "https://shop.example/after"}})
    tell(app)
    (got,) = [one for one in receiver.got if one.event["type"] == "redirect_session.created"]
    assert got.event["entityId"] == session["id"]
    assert "sessionToken" not in json.dumps(got.event)
    assert Webhook(str(made["secret"])).sign(got.id, _when(got.headers), got.body.decode()) == got.headers["webhook-signature"]
    log = ok(app.get(f"{DELIVERIES}?entityId={session['id']}&event=redirect_session.created&status=delivered&limit=1", key))
    (delivery,) = log["deliveries"]
    story = ok(app.get(f"{DELIVERIES}/{delivery['id']}", key))
    assert [(one["number"], one["status"]) for one in story["attempts"]] == [(1, 200)]
    ok(app.post(f"{DELIVERIES}/{delivery['id']}/resend", {}, key))
    app.clock.move(MINUTE)
    tell(app)
    assert [one.id for one in receiver.got].count(got.id) == 2


def test_an_owner_changes_tries_and_ends_an_endpoint(app: App, receiver: Receiver) -> None:
    """New key, test, off and on again, another address, a range again, gone; each guarded by what was read."""
    receiver.got.clear()
    key = key_for(app, "webhook.read", "webhook.manage")
    made = ok(app.post(ENDPOINTS, {"url": receiver.url(), "events": ["order.*"]}, key))
    endpoint = made["endpoint"]
    one = f"{ENDPOINTS}/{endpoint['id']}"
    rotated = ok(app.post(f"{one}/rotate-key", {}, key))
    assert rotated["secret"] != made["secret"]
    tested = ok(app.post(f"{one}/test", {}, key))
    tell(app)
    assert [one.event["type"] for one in receiver.got if one.id == tested["eventId"]] == ["webhook_endpoint.tested"]
    ok(app.post(f"{one}/disable", {"revision": 1}, key))
    assert app.post(f"{one}/test", {}, key).json()["details"]["applicationError"]["code"] == "ENDPOINT_DISABLED"
    assert app.post(f"{one}/enable", {"revision": 1}, key).status_code == 409
    ok(app.post(f"{one}/enable", {"revision": 2}, key))
    changed = ok(app.request("PUT", one, headers={"authorization": key}, json={"url": receiver.url("/2"), "events": ["*"], "revision": 3}))
    assert changed["endpoint"]["url"] == receiver.url("/2")
    again = {"from": "2026-01-01T00:00:00Z", "to": "2027-01-01T00:00:00Z"}
    assert ok(app.post(f"{one}/resend", again, key))["more"] is False
    assert len(ok(app.get(ENDPOINTS, key))["endpoints"]) == 1
    ok(app.request("DELETE", one, headers={"authorization": key}))
    assert app.get(one, key).status_code == 404


def _when(headers: dict[str, str]) -> dt.datetime:
    return dt.datetime.fromtimestamp(int(headers["webhook-timestamp"]), dt.UTC)


def test_a_reader_of_the_feed_misses_nothing_and_goes_on_where_it_acknowledged(app: App) -> None:
    """WHK-10: who dies while working reads it again; who acknowledges late or twice moves nothing back."""
    key = key_for(app, "event.read")
    first = app.session({"login": {}, "callbacks": {"postFlowUrl": "https://shop.example/after"}})
    tell(app)
    page = ok(app.get(f"{EVENTS}?reader=warehouse&event=redirect_session.created", key))
    assert page["events"][-1]["entityId"] == first["id"]
    assert ok(app.get(f"{EVENTS}?reader=warehouse&event=redirect_session.created", key)) == page, "reading moves nothing"
    cursor = page["cursor"]
    assert ok(app.post(f"{EVENTS}/acknowledge", {"reader": "warehouse", "cursor": cursor}, key))["cursor"] == cursor
    second = app.session({"login": {}, "callbacks": {"postFlowUrl": "https://shop.example/after"}})
    tell(app)
    page = ok(app.get(f"{EVENTS}?reader=warehouse&event=redirect_session.created,order.*", key))
    assert [one["entityId"] for one in page["events"]] == [second["id"]]
    assert ok(app.post(f"{EVENTS}/acknowledge", {"reader": "warehouse", "cursor": 0}, key))["cursor"] == cursor
    assert ok(app.get(f"{EVENTS}/readers", key))["readers"] == [{"reader": "warehouse", "cursor": cursor}]
    assert app.post(f"{EVENTS}/acknowledge", {"reader": "warehouse", "cursor": 2**50}, key).status_code == 400
    assert app.get(f"{EVENTS}?event=no.such", key).status_code == 400
    assert app.get(f"{EVENTS}?reader=a&after=1", key).status_code == 400
    assert app.get(EVENTS, app.world.reading_key).status_code == 403
