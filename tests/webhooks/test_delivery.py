"""Events reach the endpoints of their site: against a real receiver, on each database, by a clock that only the test moves."""

from __future__ import annotations

from roundtrip.core.clock import HOUR, MINUTE, SECOND
from roundtrip.webhooks.deliveries.model import DeliveryStatus
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
