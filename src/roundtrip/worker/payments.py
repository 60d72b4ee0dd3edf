"""Goes after payments whose visitor, provider or process went away: reports that wait, attempts of which nothing was heard, pages to be
closed, refunds to be made (PAY-03, PAY-06).

Several workers share this. Whatever is claimed comes back after a while, every call of a provider can be repeated, and every change is one
transaction: killed at any point, another worker goes on. Logs name attempts and refunds, never keys or buyers (OPS-07).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from roundtrip.core.clock import HOUR, MINUTE, Clock
from roundtrip.core.errors import AppError
from roundtrip.payments import settle, store
from roundtrip.payments.actions import UNHEARD
from roundtrip.payments.model import Attempt, Purpose, Refund, Report, Status, Verdict
from roundtrip.payments.providers.base import Provider, ProviderRefused, ProviderUnreachable
from roundtrip.payments.refunds import actions as refunds
from roundtrip.storage.database import Database
from roundtrip.workflows import selling
from roundtrip.workflows.cashier import Cashier

logger = logging.getLogger("roundtrip.payments")

LOOK_EVERY_SECONDS = 1.0
BATCH = 20
LEASE = 5 * MINUTE
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PaymentRounds:
    """The loop and what it works with."""

    db: Database
    clock: Clock
    cashier: Cashier

    async def run(self) -> None:
        """Look again and again until cancelled. A failing round is logged and tried again."""
        while True:
            try:
                while await self.round() >= BATCH:
                    pass
            except Exception:
                logger.exception("looking after payments failed; it is tried again")
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    async def round(self) -> int:
        """Do what is due, a batch of each kind; answers how many things that were."""
        now = self.clock()
        if not await self.db.read(store.is_waiting, now):
            return 0
        reports = await self.db.write(settle.waiting, now, BATCH)
        for report in reports:
            await self._apply(report)
        attempts = await self.db.write(store.due_attempts, now, BATCH, LEASE)
        for attempt in attempts:
            await self._guarded(self._look_after, attempt)
        due = await self.db.write(refunds.unfinished, now, BATCH)
        for refund in due:
            await self._guarded(self._give_back, refund)
        return len(reports) + len(attempts) + len(due)

    async def _apply(self, report: Report) -> None:
        """One report that fails must not stop the others; it comes back in a minute."""
        try:
            await self.db.write(selling.settle, self.cashier.sellers, report, self.clock())
        except Exception:
            logger.exception("report %s about attempt %s could not be applied; it is tried again", report.event_id, report.attempt_id)

    async def _guarded(self, work: Callable[[T], Awaitable[None]], thing: T) -> None:
        try:
            await work(thing)
        except Exception:
            logger.exception("a payment could not be looked after; it is tried again")

    async def _look_after(self, attempt: Attempt) -> None:
        now = self.clock()
        if attempt.purpose is Purpose.AGAIN and attempt.status is Status.CREATED:
            await self._charge(attempt, now)
            return
        report, looked = await self._asked(attempt, now)
        if report is not None:
            settled = await self.db.write(selling.settle, self.cashier.sellers, report, now)
            if settled.is_news:
                logger.info("attempt %s is %s, found by asking", attempt.id, settled.attempt.status.value)
                return
        if not looked:
            await self._later(attempt, now + 5 * MINUTE)
        elif not attempt.is_running:
            is_pending = report is not None and report.verdict is Verdict.PENDING
            await self._later(attempt, now + HOUR if is_pending else None)
        elif attempt.status is Status.PENDING:
            await self._later(attempt, now + HOUR)
        elif attempt.expires_at is not None and attempt.expires_at <= now:
            await self.db.write(selling.expire, self.cashier.sellers, attempt.id, now)
        else:
            soon = now + max(UNHEARD, (now - attempt.created_at) // 4)
            await self._later(attempt, min(soon, attempt.expires_at or soon))

    async def _charge(self, attempt: Attempt, now: int) -> None:
        """Nobody is there to pay this: the card that is kept is charged. What could not be asked is asked again, under the same id."""
        try:
            provider = await self._provider(attempt)
            report = await asyncio.to_thread(provider.charge, attempt, now)
        except (ProviderUnreachable, AppError) as error:
            # Keys that are missing can be set again: nobody loses what they subscribed to for that.
            logger.warning("attempt %s: %s", attempt.id, error)
            await self._later(attempt, now + 5 * MINUTE)
            return
        except ProviderRefused as error:
            report = Report(attempt.site_id, attempt.provider, f"refused-{attempt.id}", attempt.id, Verdict.DECLINED, reason=str(error))
        await self.db.write(selling.settle, self.cashier.sellers, report, self.clock())

    async def _asked(self, attempt: Attempt, now: int) -> tuple[Report | None, bool]:
        """What the provider says, and whether it could be asked. One that is not set up any more, or refuses, has been asked."""
        try:
            provider = await self._provider(attempt)
            call = provider.look if attempt.is_running else provider.cancel
            return await asyncio.to_thread(call, attempt, now), True
        except ProviderUnreachable as error:
            logger.warning("attempt %s: %s", attempt.id, error)
            return None, False
        except (ProviderRefused, AppError) as error:
            logger.warning("attempt %s: %s", attempt.id, error)
            return None, True

    async def _give_back(self, refund: Refund) -> None:
        attempt = await self.db.read(store.attempt, refund.attempt_id)
        assert attempt is not None
        try:
            provider = await self._provider(attempt)
            returned = await asyncio.to_thread(provider.refund, attempt, refund)
        except (ProviderUnreachable, AppError) as error:
            # Keys that are missing can be set again: what is owed to a buyer is not given up for that.
            logger.warning("refund %s: %s", refund.id, error)
            await self.db.write(refunds.try_again, refund, str(error), self.clock())
        except ProviderRefused as error:
            logger.error("refund %s was refused: %s", refund.id, error)
            await self.db.write(selling.refund_failed, self.cashier.sellers, refund, str(error), self.clock())
        else:
            await self.db.write(refunds.moved, refund.id, returned.ref, self.clock())
            logger.info("refund %s of attempt %s moved", refund.id, attempt.id)

    async def _provider(self, attempt: Attempt) -> Provider:
        till = await self.db.read(self.cashier.till, attempt.site_id, attempt.provider)
        return await asyncio.to_thread(self.cashier.provider, attempt.provider, till)

    async def _later(self, attempt: Attempt, look_at: int | None) -> None:
        await self.db.write(store.look_again, attempt, look_at)
