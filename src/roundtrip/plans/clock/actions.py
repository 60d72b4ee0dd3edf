"""The time of plans. It is the time of everything else, but on a test site somebody may have moved it ahead.

Only what plans decide follows it: cycles, trials, renewals, retries, ends, and which order pays for a booking. Redirect sessions, logins,
payments, bookings and mails have the real time.
"""

from __future__ import annotations

from roundtrip.core.clock import DAY
from roundtrip.core.errors import AppError, Kind, invalid_field
from roundtrip.plans.clock import store
from roundtrip.sites.model import Mode, Site
from roundtrip.storage.database import Tx

FARTHEST = 20 * 366 * DAY
"""How far plans can be moved ahead in all."""


def plan_time(tx: Tx, site_id: str, now: int) -> int:
    """What the time is for the plans of a site."""
    return now + store.ahead(tx, site_id)


def advance(tx: Tx, site: Site, by: int) -> int:
    """Move the plans of a test site ahead by `by` milliseconds; answers how far they are ahead now.

    Raises FORBIDDEN `TEST_MODE_ONLY` for a live site, INVALID for a step back or too far.
    """
    if site.mode is not Mode.TEST:
        text = f"{site.slug} is a live site: its time can't be moved. Make a test site to watch a subscription."
        raise AppError(Kind.FORBIDDEN, "TEST_MODE_ONLY", text, data={"siteId": site.id})
    known = store.ahead(tx, site.id)
    if by <= 0 or known + by > FARTHEST:
        text = f"must be more than nothing, and at most {FARTHEST // DAY} days ahead in all (it is {known // DAY} days ahead)"
        raise invalid_field("by", text, "FORMAT")
    store.move(tx, site.id, by)
    return known + by
