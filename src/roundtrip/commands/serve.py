"""The processes that stay: the server and the worker."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import sys
from collections.abc import Coroutine
from typing import Any

import click
import uvicorn

from roundtrip.app import Metrics, Roundtrip, mail_sender, set_up_logging
from roundtrip.commands.terminal import settings, stop, told
from roundtrip.core.clock import system_clock
from roundtrip.storage.connect import connect
from roundtrip.worker.run import Worker


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
        timeout_graceful_shutdown=10,
    )
    # The event loop and the writer thread hand the interpreter to each other; with the default of 5 ms a commit may wait that long for its
    # turn. It is about the time of single requests: throughput was the same from 0.3 to 20 ms.
    sys.setswitchinterval(0.001)
    # What is there now stays: the collector need not look at it again. And it looks less often, because requests leave no cycles behind
    # (a fifteenth of the processor time per request).
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 5)
    try:
        uvicorn.Server(config).run()
    finally:
        application.close()


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
        mails = mail_sender(known, db, system_clock, Metrics().count_mail)
        asyncio.run(_until_stopped(Worker(db, system_clock, known.lifetimes).run(), mails.run()))
    finally:
        db.close()


async def _until_stopped(*loops: Coroutine[Any, Any, None]) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    running = [asyncio.create_task(loop) for loop in loops]
    await stopped.wait()
    for loop in running:
        loop.cancel()
    for loop in running:
        with contextlib.suppress(asyncio.CancelledError):
            await loop
