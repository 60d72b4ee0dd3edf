"""Deliveries are kept as long as the events they are about and no longer than their endpoint, keys until they have ended."""

from __future__ import annotations

from roundtrip.core.clock import DAY
from roundtrip.storage.database import Tx
from roundtrip.storage.tidying import Tidies
from roundtrip.webhooks.deliveries import store as deliveries
from roundtrip.webhooks.endpoints import store as endpoints
from roundtrip.webhooks.feed import store as feed
from roundtrip.webhooks.keys import store as keys


def _deliveries(tx: Tx, before: int, limit: int) -> int:
    # An id starts with the time of its event.
    text = f"{max(before, 0):012x}"
    return deliveries.purge(tx, f"{text[:8]}-{text[8:]}", limit)


def _logs_of_the_deleted(tx: Tx, before: int, limit: int) -> int:
    endpoint_id = endpoints.lane_without_endpoint(tx)
    if endpoint_id is None:
        return 0
    gone = deliveries.delete_of_endpoint(tx, endpoint_id, limit)
    if gone < limit:
        endpoints.delete_lane(tx, endpoint_id)
    return limit  # another one may be waiting


TIDIES = (
    Tidies(_logs_of_the_deleted),
    Tidies(_deliveries, 30 * DAY),
    Tidies(keys.purge, 7 * DAY),
    Tidies(feed.purge_counts, 400 * DAY),
)
