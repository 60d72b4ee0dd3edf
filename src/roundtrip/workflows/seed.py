"""The demo tenant: a test-mode site that anybody can try things on. Making it twice changes nothing."""

from __future__ import annotations

import msgspec

from roundtrip.sites import actions as sites
from roundtrip.sites import store
from roundtrip.sites.model import Mode, Site
from roundtrip.storage.database import Tx

SLUG = "demo"
THEME = {"brandColor": "#9a4a2f", "cornerRadius": 10}


def seed(tx: Tx, *, site_id: str, now: int) -> Site:
    """The site `demo`; the one that is there already, if it is."""
    found = store.site_by_slug(tx, SLUG)
    if found is not None:
        return found
    return sites.create_site(
        tx,
        site_id=site_id,
        slug=SLUG,
        name="Kiln & Co",
        mode=Mode.TEST,
        language="en",
        theme=msgspec.json.encode(THEME).decode(),
        now=now,
    )
