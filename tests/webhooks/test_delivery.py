"""Events reach the endpoints of their site: against a real receiver, on each database, by a clock that only the test moves."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from roundtrip.core.clock import DAY, HOUR, MINUTE, SECOND
from roundtrip.webhooks.deliveries import actions, again
from roundtrip.webhooks.deliveries.model import DeliveryStatus
from roundtrip.webhooks.endpoints import actions as endpoints
from roundtrip.webhooks.endpoints.model import Because
from roundtrip.webhooks.tidy import TIDIES
from roundtrip.worker.webhooks import LEASE
from roundtrip.workflows import webhook_notice
from tests.webhooks.town import Got, Receiver, Town


def test_in_good_weather_an_event_comes_once_to_whoever_wants_it(town: Town, receiver: Receiver) -> None:
    endpoint, _ = town.endpoint(receiver.url(), "redirect_session.*", "order.paid")
    event_id = town.happen()
    town.happen("created", "member", "m1")
    town.happen("completed", site=town.live)
    town.round()
    town.round()
    (got,) = receiver.got
    assert got.id == event_id
    assert got.event["type"] == "redirect_session.completed"
    (delivery,) = town.deliveries(endpoint)
    assert (delivery.status, delivery.attempts, delivery.last_status) == (DeliveryStatus.DELIVERED, 1, 200)
    assert [(one.number, one.status, one.error, one.next_at) for one in town.attempts(delivery)] == [(1, 200, None, None)]
    assert town.counts == {"delivered": 1}


def test_a_receiver_that_is_down_for_an_hour_misses_nothing_and_the_log_tells_the_story(town: Town, receiver: Receiver) -> None:
    """WHK-01, WHK-03, WHK-08: everything comes, under the ids it always had, and each attempt can be read."""
    endpoint, _ = town.endpoint(receiver.url())
    refused: list[str] = []

    def down(got: Got) -> tuple[int, dict[str, str]]:
        refused.append(got.id)
        return 500, {}

    receiver.answer = down
    told = []
    for _ in range(12):
        told.append(town.happen())
        town.live_on(5 * MINUTE, MINUTE)
    receiver.got.clear()
    receiver.answer = lambda got: (200, {})
    told.append(town.happen())
    town.live_on(15 * MINUTE, 30 * SECOND)
    assert sorted(got.id for got in receiver.got) == sorted(told)
    assert set(refused) <= set(told)
    log = town.deliveries(endpoint)
    assert {one.status for one in log} == {DeliveryStatus.DELIVERED}
    for delivery in log:
        attempts = town.attempts(delivery)
        assert [one.status for one in attempts] == [500] * (len(attempts) - 1) + [200]
        assert [one.number for one in attempts] == list(range(1, len(attempts) + 1))
        assert all(one.next_at is not None for one in attempts[:-1])
    assert len(refused) < 12 * 8, "an endpoint that is down is left alone most of the time"
    assert town.clock() - log[0].created_at < HOUR


def test_the_schedule_is_kept_and_then_the_delivery_has_failed(town: Town, receiver: Receiver) -> None:
    """WHK-04: 0, 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h, each time another worker that knows only the database."""
    endpoint, _ = town.endpoint(receiver.url())
    receiver.answer = lambda got: (500, {})
    town.happen()
    waits = []
    for _ in range(10):
        town.round()
        (delivery,) = town.deliveries(endpoint)
        if delivery.due_at is not None:
            waits.append(delivery.due_at - town.clock())
            town.clock.now = delivery.due_at - 1
            town.round()
            town.clock.move(10 * MINUTE)  # longer than an endpoint that fails is left alone
    assert [round(wait / MINUTE, 2) for wait in waits] == [0.08, 5, 30, 120, 300, 600, 840, 1200, 1440]
    assert (delivery.status, delivery.attempts, len(receiver.got)) == (DeliveryStatus.FAILED, 10, 10)
    assert len({got.id for got in receiver.got}) == 1
    assert len({got.headers["webhook-timestamp"] for got in receiver.got}) == 10
    assert len({got.headers["webhook-signature"] for got in receiver.got}) == 10
    assert len({got.body for got in receiver.got}) == 1


def test_a_redirect_is_a_failure_and_nobody_follows_it(town: Town, receiver: Receiver) -> None:
    """WHK-05, WHK-07."""
    endpoint, _ = town.endpoint(receiver.url())
    receiver.answer = lambda got: (302, {"Location": receiver.url("/elsewhere")})
    town.happen()
    town.round()
    assert [got.path for got in receiver.got] == ["/hook"]
    assert town.deliveries(endpoint)[0].status is DeliveryStatus.WAITING


def test_an_endpoint_that_says_gone_is_switched_off_and_gets_what_waited_when_it_is_back(town: Town, receiver: Receiver) -> None:
    """WHK-05: 410."""
    endpoint, _ = town.endpoint(receiver.url())
    receiver.answer = lambda got: (410, {})
    first = town.happen()
    town.round()
    assert town.seen(endpoint).disabled_because is Because.GONE
    town.live_on(DAY, HOUR)
    assert len(receiver.got) == 1
    receiver.answer = lambda got: (204, {})
    changed = town.db.write_now(endpoints.switch, town.seen(endpoint), town.seen(endpoint).revision, on=True, change=town.change())
    assert changed.is_enabled
    town.round()
    assert first in [got.id for got in receiver.got[1:]]


def test_who_asks_for_less_is_left_alone_for_as_long(town: Town, receiver: Receiver) -> None:
    """WHK-05: `Retry-After` holds back everything for that endpoint, not one event."""
    endpoint, _ = town.endpoint(receiver.url())
    receiver.answer = lambda got: (429, {"Retry-After": "900"})
    told = [town.happen() for _ in range(3)]
    town.round()
    asked_at_first = len(receiver.got)
    assert asked_at_first <= 3
    receiver.answer = lambda got: (200, {})
    town.live_on(14 * MINUTE, MINUTE)
    assert len(receiver.got) == asked_at_first
    town.live_on(2 * MINUTE, 30 * SECOND)
    assert {got.id for got in receiver.got[asked_at_first:]} == set(told)
    assert {one.status for one in town.deliveries(endpoint)} == {DeliveryStatus.DELIVERED}


def test_a_dead_endpoint_delays_nobody_and_is_switched_off_after_days(town: Town, receiver: Receiver) -> None:
    """WHK-08: the owner reads why."""
    dead, _ = town.endpoint("http://localhost:9/hook")  # nobody listens there
    town.endpoint(receiver.url())
    for _ in range(6):
        town.happen()
    town.round()
    assert len(receiver.got) == 6
    town.live_on(6 * DAY, 5 * HOUR)
    assert town.seen(dead).disabled_because is Because.FAILING
    (told,) = [got for got in receiver.got if got.event["type"] == "webhook_endpoint.disabled"]
    assert told.event["entityId"] == dead.id
    delivery = town.deliveries(dead)[-1]
    assert delivery.last_error is not None
    assert delivery.last_error.startswith("no connection")


def test_an_endpoint_that_hangs_is_given_up_after_a_while_and_the_others_go_on(town: Town, receiver: Receiver) -> None:
    """WHK-05: the time-out is the receiver's own problem."""
    hanging, _ = town.endpoint(receiver.url("/hangs"))
    town.endpoint(receiver.url("/lives"))
    lives, may_answer = threading.Event(), threading.Event()

    def answer(got: Got) -> tuple[int, dict[str, str]]:
        if got.path == "/hangs":
            assert lives.wait(10), "the other endpoint waits for the one that hangs"
            may_answer.wait(10)
        else:
            lives.set()
        return 200, {}

    receiver.answer = answer
    town.happen()
    town.round(timeout=0.5)
    may_answer.set()
    (delivery,) = town.deliveries(hanging)
    assert delivery.last_error == "it did not answer within 0.5 s"
    assert town.attempts(delivery)[0].took >= 400


def test_a_killed_worker_loses_nothing_and_what_comes_twice_has_one_id(
    town: Town, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """WHK-01, WHK-03: killed after sending and before writing it down."""
    endpoint, _ = town.endpoint(receiver.url())
    event_id = town.happen()

    def die(*_: object) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as broken:
        broken.setattr(webhook_notice, "write_down", die)
        broken.setattr(actions, "let_go", lambda *_: None)
        town.round()
    town.round()
    assert len(receiver.got) == 1, "its hold has not run out"
    town.clock.move(LEASE)
    town.round()
    assert [got.id for got in receiver.got] == [event_id, event_id]
    (delivery,) = town.deliveries(endpoint)
    assert (delivery.status, delivery.attempts) == (DeliveryStatus.DELIVERED, 1)


def test_several_workers_at_once_send_nothing_twice(town: Town, receiver: Receiver) -> None:
    """Real threads, each with a loop of its own, until nothing is left; on PostgreSQL they pass over each other's endpoints."""
    for number in range(3):
        town.endpoint(receiver.url(f"/{number}"))
    told = [town.happen(entity_id=f"s{number}") for number in range(40)]

    def work(_: int) -> None:
        for _ in range(3):
            town.round()

    with ThreadPoolExecutor(4) as workers:
        list(workers.map(work, range(4)))
    town.round()  # what was taken when all others had just looked
    assert {(one.status, one.last_error) for one in town.deliveries()} == {(DeliveryStatus.DELIVERED, None)}
    for number in range(3):
        assert sorted(got.id for got in receiver.got if got.path == f"/{number}") == sorted(told)


def test_an_owner_sends_again_one_or_all_that_did_not_arrive_or_was_never_told(town: Town, receiver: Receiver) -> None:
    """WHK-08."""
    endpoint, _ = town.endpoint(receiver.url())
    began = town.clock()
    arrived = town.happen()
    town.round()
    (delivery,) = town.deliveries(endpoint)
    town.db.write_now(again.resend, town.site.id, delivery.id, change=town.change())
    town.round()
    assert [got.id for got in receiver.got] == [arrived, arrived]
    assert [one.number for one in town.attempts(delivery)] == [1, 2]
    town.clock.move(MINUTE)
    late, _ = town.endpoint(receiver.url("/late"), "redirect_session.*")
    town.clock.move(MINUTE)

    def everything(everything: bool) -> int:
        asked = town.db.write_now(again.resend_range, town.seen(late), began, town.clock(), 0, everything=everything, change=town.change())
        return asked.resent

    assert [everything(False), everything(False)] == [1, 0]
    town.round()
    assert [got.id for got in receiver.got if got.path == "/late"] == [arrived]
    assert everything(True) == 1


def test_events_of_an_erased_person_are_not_sent_any_more(town: Town, receiver: Receiver) -> None:
    """OPS-08: what was to be told about somebody is forgotten, and the log says so."""
    endpoint, _ = town.endpoint(receiver.url())
    receiver.answer = lambda got: (500, {})
    event_id = town.happen()
    town.round()
    town.db.write_now(lambda tx: tx.execute("DELETE FROM outbox WHERE id = :id", id=event_id))
    town.live_on(HOUR, 10 * MINUTE)
    (delivery,) = town.deliveries(endpoint)
    assert (delivery.status, delivery.last_error) == (DeliveryStatus.FAILED, actions.FORGOTTEN)
    assert len(receiver.got) == 1


def test_old_deliveries_and_those_of_a_deleted_endpoint_are_forgotten(town: Town, receiver: Receiver) -> None:
    """The disk is bounded by time; deleting an endpoint takes its log with it, bit by bit."""
    kept, _ = town.endpoint(receiver.url())
    gone, _ = town.endpoint(receiver.url("/gone"))
    for _ in range(5):
        town.happen()
    town.round()
    town.db.write_now(endpoints.delete, gone, change=town.change())

    def tidy(now: int) -> None:
        for tidies in TIDIES:
            while town.db.write_now(tidies.batch, now - tidies.kept_for, 2) == 2:
                pass

    tidy(town.clock())
    assert {one.endpoint_id for one in town.deliveries()} == {kept.id}
    tidy(town.clock() + 30 * DAY + 1)
    assert town.deliveries() == []
    left = town.db.read_now(lambda tx: tx.all("SELECT (SELECT COUNT(*) FROM webhook_attempt), (SELECT COUNT(*) FROM webhook_lane)"))
    assert left == [(0, 1)]
