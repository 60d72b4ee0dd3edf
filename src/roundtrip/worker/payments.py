"""Goes after payments whose visitor, provider or process went away: reports that wait, attempts of which nothing was heard, pages to be
closed, refunds to be made (PAY-03, PAY-06).

Several workers share this. Whatever is claimed comes back after a while, every call of a provider can be repeated, and every change is one
transaction: killed at any point, another worker goes on. Logs name attempts and refunds, never keys or buyers (OPS-07).
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

from roundtrip.core.clock import HOUR, MINUTE, Clock
from roundtrip.core.errors import AppError
from roundtrip.payments import settle, store
from roundtrip.payments.actions import UNHEARD
from roundtrip.payments.model import Attempt, Purpose, Refund, Report, Status, Verdict
from roundtrip.payments.providers.base import Provider, ProviderRefused, ProviderUnreachable
from roundtrip.payments.refunds import actions as refunds
from roundtrip.storage.database import Database
from roundtrip.worker.rounds import again_and_again, each
from roundtrip.workflows import selling
from roundtrip.workflows.cashier import Cashier

logger = logging.getLogger("roundtrip.payments")

LOOK_EVERY_SECONDS = 1.0
BATCH = 20
LEASE = 5 * MINUTE


@dataclass(frozen=True, slots=True)
class PaymentRounds:
    """The loop and what it works with."""

    db: Database
    clock: Clock
    cashier: Cashier

    async def run(self) -> None:
        """Look again and again until cancelled. A failing round is logged and tried again."""
        await again_and_again(self.round, batch=BATCH, every_seconds=LOOK_EVERY_SECONDS, logger=logger, what="looking after payments")

    async def round(self) -> int:
        """Do what is due, a batch of each kind; answers how many things that were."""
        now = self.clock()
        if not await self.db.read(store.is_waiting, now):
            return 0
        reports = await self.db.write(settle.waiting, now, BATCH)
        await each(reports, self._apply, logger=logger, what=lambda one: f"applying report {one.event_id} about attempt {one.attempt_id}")
        attempts = await self.db.write(store.due_attempts, now, BATCH, LEASE)
        await each(attempts, self._look_after, logger=logger, what=lambda one: f"looking after attempt {one.id}")
        due = await self.db.write(refunds.unfinished, now, BATCH)
        await each(due, self._give_back, logger=logger, what=lambda one: f"refund {one.id}")
        return len(reports) + len(attempts) + len(due)

    async def _apply(self, report: Report) -> None:
        """One that fails comes back in a minute."""
        await self.db.write(selling.settle, self.cashier.sellers, report, self.clock())

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
