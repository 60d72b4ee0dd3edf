"""Runs the loops. Each round is a few small transactions, so several workers may run at once and any may be killed at any point."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass

from roundtrip.bookings.book import model as bookings
from roundtrip.bookings.book import store as booking_store
from roundtrip.core.clock import DAY, Clock
from roundtrip.credentials import one_time_code, throttle
from roundtrip.ecom.back_in_stock import model as back_in_stock
from roundtrip.ecom.back_in_stock import store as back_in_stock_store
from roundtrip.ecom.cart import model as carts
from roundtrip.ecom.cart import store as cart_store
from roundtrip.ecom.checkout import model as checkouts
from roundtrip.ecom.checkout import store as checkout_store
from roundtrip.media import store as media
from roundtrip.members import actions as members
from roundtrip.oauth import grants
from roundtrip.owners import actions as owners
from roundtrip.payments import store as payments
from roundtrip.redirect_session import actions as redirect_sessions
from roundtrip.redirect_session.model import Lifetimes
from roundtrip.sites.refusals import store as refusals
from roundtrip.storage import caught_mail, idempotency, outbox
from roundtrip.storage.database import Database, Tx

logger = logging.getLogger("roundtrip.worker")

TIDY_EVERY_SECONDS = 15.0
BATCH = 500
KEEP_KEYS_FOR = 2 * DAY
KEEP_REFUSALS_FOR = 90 * DAY
KEEP_EVENTS_FOR = 30 * DAY
KEEP_CAUGHT_MAIL_FOR = 30 * DAY
KEEP_PAYMENT_REPORTS_FOR = 90 * DAY
"""Providers repeat their reports for some days."""


@dataclass(frozen=True, slots=True)
class Worker:
    """What the loops work with."""

    db: Database
    clock: Clock
    lifetimes: Lifetimes

    async def run(self, stopped: asyncio.Event) -> None:
        """Tidy up until told to stop; a round that has begun is finished first. A failing round is logged and tried again."""
        while not stopped.is_set():
            try:
                await self.tidy()
            except Exception:
                logger.exception("tidying failed; it is tried again")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopped.wait(), TIDY_EVERY_SECONDS)

    async def tidy(self) -> None:
        """One round: expire visits whose time is over, then delete what has been kept long enough, in small batches."""
        now = self.clock()
        while await self.db.write(redirect_sessions.expire_due, now, BATCH) == BATCH:
            pass
        while await self.db.write(redirect_sessions.purge, lifetimes=self.lifetimes, now=now, limit=BATCH) == BATCH:
            pass
        for forget, before in _FORGOTTEN:
            while await self.db.write(forget, now - before, BATCH) == BATCH:
                pass


_FORGOTTEN: tuple[tuple[Callable[[Tx, int, int], int | None], int], ...] = (
    (idempotency.purge, KEEP_KEYS_FOR),
    (outbox.purge, KEEP_EVENTS_FOR),
    (caught_mail.purge, KEEP_CAUGHT_MAIL_FOR),
    (refusals.forget, KEEP_REFUSALS_FOR),
    (payments.purge_reports, KEEP_PAYMENT_REPORTS_FOR),
    (cart_store.forget, carts.KEPT_FOR),
    (checkout_store.forget, checkouts.KEPT_FOR),
    (booking_store.forget, bookings.KEPT_FOR),
    (back_in_stock_store.forget, back_in_stock.KEPT_FOR),
    (media.forget_uploads, 0),
    (throttle.forget, 0),
    (one_time_code.forget, 0),
    (members.forget_expired, 0),
    (grants.forget_expired, 0),
    (owners.forget_expired, 0),
)
"""What each room forgets, and how many milliseconds after it was last needed. A room that counts in another way answers None."""
