"""What happens to deliveries: made when events are taken, written down after each try. Each function is one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from roundtrip.core.ids import derived_id, new_id
from roundtrip.storage import outbox
from roundtrip.storage.database import Tx
from roundtrip.storage.outbox import RecordedEvent
from roundtrip.webhooks.deliveries import schedule, store
from roundtrip.webhooks.deliveries.model import Delivery, DeliveryStatus, Tried
from roundtrip.webhooks.endpoints import store as endpoints
from roundtrip.webhooks.endpoints.actions import say_disabled
from roundtrip.webhooks.endpoints.model import Because, Endpoint, Lane

TESTED = "webhook_endpoint.tested"
"""The event that an owner asks for to see whether an endpoint works: for that endpoint only, whatever it wants."""
FORGOTTEN = "The event is not kept any more: it is too old, or somebody it was about was erased."


def tell(tx: Tx, limit: int, now: int) -> int:
    """Take the oldest events and write down who is to be told of them; answers how many events that were."""
    taken = outbox.take(tx, limit, now)
    told: dict[str, Endpoint] = {}
    for recorded in taken:
        for endpoint in _of_site(tx, recorded.event.site_id):
            if endpoint.is_enabled and _is_for(endpoint, recorded) and store.insert(tx, new_delivery(recorded, endpoint, now)):
                told[endpoint.id] = endpoint
    # After the deliveries, in order: whoever lets go of an endpoint meanwhile waits here, and then sees them (`let_go`).
    for endpoint_id in sorted(told):
        endpoints.bring_forward(tx, endpoint_id, now)
    return len(taken)


def _is_for(endpoint: Endpoint, recorded: RecordedEvent) -> bool:
    event = recorded.event
    return endpoint.id == event.entity_id if event.name == TESTED else endpoint.wants(event.name)


def _of_site(tx: Tx, site_id: str) -> Sequence[Endpoint]:
    key = ("webhook endpoints", site_id)
    if key not in tx.memo:
        tx.memo[key] = tuple(endpoints.of_site(tx, site_id))
    found: Sequence[Endpoint] = tx.memo[key]
    return found


def new_delivery(recorded: RecordedEvent, endpoint: Endpoint, now: int) -> Delivery:
    """An event for an endpoint, due now. Its id follows from both, so a transaction that runs again makes the same."""
    event = recorded.event
    return Delivery(
        id=derived_id(recorded.event_id, f"delivery {endpoint.id}"),
        site_id=event.site_id,
        endpoint_id=endpoint.id,
        event_id=recorded.event_id,
        entity=event.entity,
        slug=event.slug,
        entity_id=event.entity_id,
        status=DeliveryStatus.WAITING,
        attempts=0,
        tries=0,
        due_at=now,
        last_status=None,
        last_error=None,
        last_at=None,
        created_at=now,
    )


@dataclass(frozen=True, slots=True)
class Answered:
    """How an endpoint answers after what was written down. `stopped`: it has just been switched off, and why."""

    lane: Lane
    stopped: Because | None = None


def write_down(tx: Tx, tried: Sequence[Tried], now: int) -> dict[str, Answered]:
    """Keep what came of some tries, and what that says about their endpoints. In order of ids, so that nobody waits in a circle."""
    answered: dict[str, Answered] = {}
    for endpoint_id in sorted({one.endpoint_id for one in tried}):
        of_endpoint = sorted((one for one in tried if one.endpoint_id == endpoint_id), key=lambda one: one.delivery_id)
        found = endpoints.lane(tx, endpoint_id)
        before = found or Lane()
        after = _after(before, of_endpoint, now)
        for one in of_endpoint:
            _write_one(tx, one)
        if before.failures >= schedule.OPENS_AFTER and not after.failures:
            # It is back: what waits for a try that was put off while it was away goes out now.
            store.pull_forward(tx, endpoint_id, now)
        if found is not None and after != before:
            endpoints.set_lane(tx, endpoint_id, after)
        answered[endpoint_id] = Answered(after, _stop(tx, endpoint_id, of_endpoint, after, now) if found else None)
    return answered


def _write_one(tx: Tx, tried: Tried) -> None:
    if tried.is_delivered:
        store.write_down(tx, tried, DeliveryStatus.DELIVERED, None)
    elif tried.next_at is None:
        store.write_down(tx, tried, DeliveryStatus.FAILED, None)
    else:
        store.write_down(tx, tried, DeliveryStatus.WAITING, tried.next_at)


def _after(before: Lane, tried: Sequence[Tried], now: int) -> Lane:
    """How an endpoint stands after some tries. One success among them says that it lives."""
    if any(one.is_delivered for one in tried):
        before = Lane(before.due_at)
    paused_until, failures, since = before.paused_until, before.failures, before.failing_since
    for one in tried:
        if one.is_delivered:
            continue
        failures += 1
        since = one.at if since is None else since
        pause = schedule.pause(one.status, failures, since, schedule.wish(one.retry_after, now), now)
        paused_until = max(paused_until, now + pause) if pause else paused_until
    if any(one.is_delivered for one in tried):
        failures, since = 0, None
    return replace(before, failures=failures, failing_since=since, paused_until=paused_until)


def _stop(tx: Tx, endpoint_id: str, tried: Sequence[Tried], lane: Lane, now: int) -> Because | None:
    """Switch an endpoint off that wants no more, or has failed for days."""
    is_gone = any(one.status == schedule.GONE for one in tried)
    is_dead = lane.failing_since is not None and now - lane.failing_since >= schedule.DISABLED_AFTER
    if not (is_gone or is_dead):
        return None
    because = Because.GONE if is_gone else Because.FAILING
    endpoint = endpoints.find(tx, endpoint_id)
    if endpoint is None or not endpoints.disable(tx, endpoint_id, because, now):
        return None
    say_disabled(tx, endpoint, because, new_id(now), now)
    return because


def let_go(tx: Tx, endpoint_id: str, holder: str, not_before: int = 0) -> None:
    """Nobody is at the endpoint any more; say when to look again, not before `not_before` (UTC milliseconds).

    The row is locked first. What another transaction has made due at the same moment is then either seen here, or brought forward after.
    """
    lane = endpoints.lane(tx, endpoint_id)
    if lane is None:
        return
    endpoint = endpoints.find(tx, endpoint_id)
    due_at = store.next_due(tx, endpoint_id) if endpoint is not None and endpoint.is_enabled else None
    endpoints.let_go(tx, endpoint_id, holder, None if due_at is None else max(due_at, lane.paused_until, not_before))
