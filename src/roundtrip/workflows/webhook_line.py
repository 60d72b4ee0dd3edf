"""What it takes to deliver to an endpoint: the endpoint, its site, and its keys."""

from __future__ import annotations

from roundtrip.sites import store as sites
from roundtrip.storage.database import Tx
from roundtrip.webhooks.endpoints import store as endpoints
from roundtrip.webhooks.endpoints.model import Endpoint
from roundtrip.webhooks.envelopes.signed import OpenKey, Receiver
from roundtrip.webhooks.keys import store as keys
from roundtrip.webhooks.keys.making import opened


def open_line(tx: Tx, endpoint_id: str, sealing_key: bytes, now: int) -> tuple[Endpoint, Receiver, int] | None:
    """An endpoint that is told, for whom is signed, and how often it failed in a row; None when it is not told (any more)."""
    endpoint = endpoints.find(tx, endpoint_id)
    if endpoint is None or not endpoint.is_enabled:
        return None
    site = sites.site(tx, endpoint.site_id)
    signing = tuple(OpenKey(key, opened(key, sealing_key)) for key in keys.of_holder(tx, endpoint.key_holder, now) if key.signs_at(now))
    if site is None or not signing:
        return None
    return endpoint, Receiver(site.id, site.is_test, endpoint.client_id, signing), endpoints.failures(tx, endpoint_id)
