"""The processes that stay: the server and the worker."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import signal
import sys
import time
from collections.abc import Callable, Coroutine, Iterable
from types import FrameType

import click
import uvicorn

from roundtrip.app import Roundtrip, cashier, mail_sender, webhook_sender
from roundtrip.commands.terminal import settings, stop, told
from roundtrip.core.clock import system_clock
from roundtrip.storage.connect import connect
from roundtrip.storage.schema_state import require_all
from roundtrip.upkeep.logs import set_up_logging
from roundtrip.upkeep.metrics import Metrics
from roundtrip.worker.loops import loops
from roundtrip.worker.payments import PaymentRounds
from roundtrip.worker.run import Worker

logger = logging.getLogger("roundtrip.worker")

GRACE_SECONDS = 20
"""How long a request that is being answered may still take once nothing new is accepted."""


class DrainingServer(uvicorn.Server):
    """uvicorn, but a signal first makes the server not ready, then ends it, and leaves with exit code 0 (OPS-09).

    uvicorn itself stops listening at once, so that a load balancer learns of it by failing requests, and then ends by the signal.
    """

    def __init__(self, config: uvicorn.Config, application: Roundtrip, drain_seconds: float) -> None:
        super().__init__(config)
        self._application = application
        self._drain_seconds = drain_seconds
        self._ends_at: float | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to drain; a second signal does not wait, and a second Ctrl-C does not even finish what is being answered."""
        self._application.draining = True
        if self._ends_at is None and sig == signal.SIGTERM:
            self._ends_at = time.monotonic() + self._drain_seconds
        else:
            self.force_exit = self.should_exit and sig == signal.SIGINT
            self.should_exit = True

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second: is the time to drain over?"""
        if self._ends_at is not None and time.monotonic() >= self._ends_at:
            self.should_exit = True
        return await super().on_tick(counter)


@click.command()
def serve() -> None:
    """Serve pages and API. On SQLite this one process also does the worker's jobs."""
    known = settings()
    set_up_logging(known.log_level)
    with told():
        application = Roundtrip(known)
        _greet(application)
    config = uvicorn.Config(
        application,
        host=known.host,
        port=known.port,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="on",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=bool(known.trusted_proxies),
        forwarded_allow_ips=known.trusted_proxies or None,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    # The event loop and the writer thread hand the interpreter to each other; with the default of 5 ms a commit may wait that long for its
    # turn. It is about the time of single requests: throughput was the same from 0.3 to 20 ms.
    sys.setswitchinterval(0.001)
    # What is there now stays: the collector need not look at it again. And it looks less often, because requests leave no cycles behind
    # (a fifteenth of the processor time per request).
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 5)
    server = DrainingServer(config, application, known.drain_seconds)
    try:
        server.run()
    finally:
        application.close()
    if not server.started:
        stop("The server could not start; the lines above say why.")


def _greet(application: Roundtrip) -> None:
    """Where things are; and, as long as nobody owns this server, the link that makes the first owner (OPS-01)."""
    click.echo(f"Dashboard: {application.settings.base_url}/dashboard")
    link = application.setup_link()
    if link is not None:
        click.echo(f"Nobody owns this server yet. Open this link to set it up; it works once:\n{link}")


@click.command()
def worker() -> None:
    """Run the background jobs beside the servers (PostgreSQL)."""
    known = settings()
    if known.is_sqlite:
        stop("On SQLite the server runs the background jobs itself; `roundtrip worker` is for PostgreSQL.")
    set_up_logging(known.log_level)
    with told():
        db = connect(known.database_url, max_size=known.database_connections)
    try:
        with told():
            require_all(db)
        metrics = Metrics()
        mails = mail_sender(known, db, system_clock, metrics.count_mail)
        webhooks = webhook_sender(known, db, system_clock, metrics.count_webhook)
        beside = (
            mails.run,
            webhooks.run,
            *(loop.run for loop in loops(db, system_clock)),
            PaymentRounds(db, system_clock, cashier(known)).run,
        )
        asyncio.run(_until_stopped(Worker(db, system_clock, known.lifetimes), beside))
    finally:
        db.close()


async def _until_stopped(jobs: Worker, beside: Iterable[Callable[[], Coroutine[None, None, None]]]) -> None:
    """A round that has begun is finished, and so is the mail in hand; nothing new is begun after the signal."""
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    logger.info("the worker runs")
    loops = [asyncio.create_task(run()) for run in beside]
    await jobs.run(stopped)
    for loop in loops:
        loop.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await loop
