"""Tells the world: takes events from the outbox, and delivers them to the endpoints of their sites (WHK-01 to WHK-08).

Several workers share it. One endpoint is held by one worker at a time, so nothing is sent twice while all live; a worker that dies loses
its hold after a while, and what it had not written down is sent again with the same id. Each endpoint is a task of its own: one that
hangs delays nobody else. Logs name endpoints and events, never what is in them (OPS-07).
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from roundtrip.core import urls
from roundtrip.core.clock import MINUTE, Clock
from roundtrip.core.ids import new_id
from roundtrip.storage import outbox
from roundtrip.storage.database import Database
from roundtrip.webhooks.deliveries import actions, schedule, store
from roundtrip.webhooks.deliveries.model import Due, Tried
from roundtrip.webhooks.endpoints import store as endpoints
from roundtrip.webhooks.endpoints.model import Because, Endpoint
from roundtrip.webhooks.envelopes.sign import signed
from roundtrip.webhooks.envelopes.signed import Receiver
from roundtrip.worker.posting import Fence, Line, NotSent, Resolve, resolve
from roundtrip.workflows import webhook_line, webhook_notice

logger = logging.getLogger("roundtrip.webhooks")

LOOK_EVERY_SECONDS = 0.1
TOLD_AT_ONCE = 100
DUE_AT_ONCE = 100
LINES_AT_ONCE = 100
"""Endpoints that one worker is at."""
POSTS_AT_ONCE = 16
"""To one endpoint; one at a time while it fails."""
LEASE = MINUTE
HOLD_AGAIN_AFTER = 20.0
"""Seconds. With the longest attempt it is well below the lease."""
LOOK_AGAIN_AFTER = MINUTE
"""At an endpoint that nothing could be sent to for reasons of our own, such as a key that cannot be opened."""


@dataclass(slots=True)
class _Held:
    """An endpoint in the hands of this worker."""

    endpoint: Endpoint
    receiver: Receiver
    line: Line
    holder: str
    since: float = field(default_factory=time.monotonic)
    begun: float = field(default_factory=time.monotonic)
    is_lost: bool = False


@dataclass(slots=True)
class WebhookSender:
    """The loop and what it works with. `chance` answers random numbers in [0, 1); `count` hears what became of every try."""

    db: Database
    clock: Clock
    sealing_key: bytes = field(repr=False)
    inside: frozenset[str]
    chance: Callable[[], float]
    count: Callable[[str], None]
    timeout: float = schedule.TIMEOUT
    resolve: Resolve = resolve
    _lines: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _tried: list[Tried] = field(default_factory=list)
    _writing: asyncio.Lock = field(default_factory=asyncio.Lock)
    _answered: dict[str, actions.Answered] = field(default_factory=dict)

    async def run(self) -> None:
        """Tell until cancelled. What was sent meanwhile is written down first; a failing round is logged and tried again."""
        try:
            while True:
                try:
                    await self.begin()
                except Exception:
                    logger.exception("telling the world failed; it is tried again")
                await asyncio.sleep(LOOK_EVERY_SECONDS)
        finally:
            for line in self._lines.values():
                line.cancel()
            await asyncio.gather(*self._lines.values(), return_exceptions=True)

    async def begin(self) -> None:
        """Take what has happened, and go to every endpoint where something is due and nobody is yet."""
        while await self.db.read(outbox.is_waiting) and await self.db.write(actions.tell, TOLD_AT_ONCE, self.clock()) == TOLD_AT_ONCE:
            pass
        now, free = self.clock(), LINES_AT_ONCE - len(self._lines)
        if free > 0 and await self.db.read(endpoints.some_due, now):
            holder = new_id(now)
            for endpoint_id in await self.db.write(endpoints.claim, holder, free, now, LEASE):
                task = asyncio.create_task(self._work(endpoint_id, holder))
                self._lines[endpoint_id] = task

    async def round(self) -> None:
        """Tell and deliver what is due now, and wait until that is done."""
        await self.begin()
        while self._lines:
            await asyncio.gather(*self._lines.values())
            await self.begin()  # something may have become due right after it was looked for

    async def _work(self, endpoint_id: str, holder: str) -> None:
        """Deliver to one endpoint until nothing is due there or it is to be left alone."""
        not_before = self.clock() + LOOK_AGAIN_AFTER
        try:
            opened = await self.db.read(webhook_line.open_line, endpoint_id, self.sealing_key, self.clock())
            if opened is not None:
                endpoint, receiver, failures = opened
                line = Line(urls.parse(endpoint.url), Fence(receiver.is_test, self.inside), self.timeout, self.resolve)
                try:
                    await self._deliver(_Held(endpoint, receiver, line, holder), is_failing=failures > 0)
                finally:
                    line.close()
                not_before = 0
        except Exception:
            logger.exception("endpoint %s: delivering failed; it is tried again", endpoint_id)
        finally:
            self._answered.pop(endpoint_id, None)
            try:
                await self.db.write(actions.let_go, endpoint_id, holder, not_before)
            finally:
                self._lines.pop(endpoint_id, None)

    async def _deliver(self, held: _Held, *, is_failing: bool) -> None:
        endpoint_id = held.endpoint.id
        while batch := await self.db.read(store.due, endpoint_id, self.clock(), 1 if is_failing else DUE_AT_ONCE):
            await self._send_all(held, batch)
            # Settings may have changed, and the address may lead elsewhere: after a while it is begun anew.
            if self._is_left_alone(endpoint_id) or held.is_lost or time.monotonic() - held.begun > HOLD_AGAIN_AFTER:
                return
            answered = self._answered.get(endpoint_id)
            is_failing = answered is not None and answered.lane.failures > 0

    async def _send_all(self, held: _Held, batch: list[Due]) -> None:
        """Send a batch, and write down what came of it: a failure before the next is sent, successes in groups meanwhile."""
        waiting = list(reversed(batch))
        writing: list[asyncio.Task[None]] = []

        async def one_after_another() -> None:
            while waiting and not self._is_left_alone(held.endpoint.id) and not held.is_lost:
                await self._hold(held)
                tried = await self._try(held, waiting.pop())
                if tried is not None and tried.is_delivered:
                    writing.append(asyncio.create_task(self._write_down(tried)))
                elif tried is not None:
                    await self._write_down(tried)

        try:
            await asyncio.gather(*(one_after_another() for _ in range(min(POSTS_AT_ONCE, len(batch)))))
        finally:
            # Also while being cancelled: what was sent is written down.
            written = await asyncio.gather(*writing, return_exceptions=True)
        for outcome in written:
            if isinstance(outcome, BaseException):
                raise outcome

    async def _hold(self, held: _Held) -> None:
        if time.monotonic() - held.since > HOLD_AGAIN_AFTER:
            held.since = time.monotonic()
            held.is_lost = not await self.db.write(endpoints.keep_holding, held.endpoint.id, held.holder, self.clock() + LEASE)

    def _is_left_alone(self, endpoint_id: str) -> bool:
        answered = self._answered.get(endpoint_id)
        return answered is not None and (answered.stopped is not None or answered.lane.paused_until > self.clock())

    async def _try(self, held: _Held, due: Due) -> Tried | None:
        """Send once. None: there is nothing to send any more."""
        if due.recorded is None:
            await self.db.write(store.end_without_event, due.id, actions.FORGOTTEN)
            return None
        at, begun, envelope = self.clock(), time.monotonic(), held.endpoint.envelope
        message = signed(envelope, due.recorded, held.receiver, at)
        answer, error, address = None, None, None
        try:
            answer = await held.line.post(message.body, message.headers)
            address = answer.address
        except NotSent as reason:
            error, address = str(reason), reason.address
        status = answer.status if answer else None
        retry_after = answer.retry_after if answer else None
        is_delivered = schedule.is_success(status)
        again = None if is_delivered else schedule.delay(envelope, due.tries + 1, self.chance())
        now = self.clock()
        return Tried(
            delivery_id=due.id,
            endpoint_id=held.endpoint.id,
            attempts=due.attempts,
            at=at,
            took=round((time.monotonic() - begun) * 1000),
            status=status,
            error=error,
            address=address,
            retry_after=retry_after,
            is_delivered=is_delivered,
            next_at=None if again is None else now + max(again, schedule.wish(retry_after, now)),
        )

    async def _write_down(self, tried: Tried) -> None:
        """Keep it. What ends while others are being written goes with the next group."""
        self._tried.append(tried)
        async with self._writing:
            batch, self._tried = self._tried, []
            if batch:
                answered = await _finished(self.db, batch, self.clock())
                self._answered.update(answered)
                for one in batch:
                    self.count("delivered" if one.is_delivered else "failed" if one.next_at is None else "postponed")
                for endpoint_id, state in answered.items():
                    if state.stopped is not None:
                        await self._say(endpoint_id, state.stopped)

    async def _say(self, endpoint_id: str, because: Because) -> None:
        logger.warning("endpoint %s was switched off: %s", endpoint_id, because.value)


async def _finished(db: Database, batch: list[Tried], now: int) -> dict[str, actions.Answered]:
    """Wait for it even while being cancelled: what was sent is also written down."""
    task = asyncio.ensure_future(db.write(webhook_notice.write_down, batch, now))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await task
        raise
