"""How many events reach a receiver in a second: taken from the outbox, signed, posted, and every attempt written down.

Beside it the ceiling: the same bytes, signed once before, posted by bare asyncio over as many connections, with one durable row for each
that share commits as they do in the product. Both in turn, in this process, against the same receiver in another one.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.ceiling import Writer, postgresql_commit, sqlite_commit
from benchmarks.plan import Plan
from benchmarks.processes import child, cores, free_port
from benchmarks.servers import install
from roundtrip.core.clock import system_clock
from roundtrip.core.domain_event import DomainEvent
from roundtrip.core.identity import COMMAND
from roundtrip.core.ids import new_id
from roundtrip.sites import store as sites
from roundtrip.sites.change import Change
from roundtrip.storage import outbox
from roundtrip.storage.connect import connect
from roundtrip.storage.database import Database, Tx
from roundtrip.webhooks.endpoints import actions as endpoints
from roundtrip.webhooks.endpoints.actions import Draft
from roundtrip.webhooks.endpoints.model import Envelope
from roundtrip.webhooks.keys.making import fresh
from roundtrip.webhooks.keys.model import KeyKind
from roundtrip.worker.webhooks import POSTS_AT_ONCE, WebhookSender

SEALING_KEY = b"b" * 32
BODY = {"outcome": "completed", "result": {"orderId": "8c6a3f3e-2a0f-4f0c-9c0e-0d9b5f0f2a11"}}


def per_second(new_database: Callable[[str], str], ceiling: str, folder: Path, plan: Plan) -> dict[str, Any]:
    """Median rates of the product and of the ceiling, and their ratio."""
    events = 1_000 if plan.stored_sessions == 0 else 5_000
    installed = install(new_database("telling"), folder / "telling")
    commit = sqlite_commit(ceiling) if installed.database_url.startswith("sqlite") else postgresql_commit(ceiling)
    ours: list[float] = []
    its: list[float] = []
    db = connect(installed.database_url)
    try:
        with _receiver() as port:
            site_id = db.write_now(_endpoint, f"http://127.0.0.1:{port}/hook")
            writer = Writer(commit)
            asyncio.run(_sender(db).round())  # what installing was about, and warm connections
            for _ in range(plan.side_cycles):
                its.append(events / asyncio.run(_timed(lambda: _bare(port, writer, events))))
                db.write_now(_happen, site_id, events)
                ours.append(events / asyncio.run(_timed(_sender(db).round)))
    finally:
        db.close()
    return {
        "per_second": round(median(ours), 1),
        "ratio_to_ceiling": round(median(ours) / median(its), 4),
        "ceiling_per_second": round(median(its), 1),
        "rounds": len(ours),
        "events": events,
    }


def _endpoint(tx: Tx, url: str) -> str:
    now = system_clock()
    site = sites.sites(tx)[0]
    key, change = fresh(KeyKind.V1, SEALING_KEY), Change(new_id(now), COMMAND, now)
    draft = Draft(url, "bench", ("redirect_session.completed",))
    endpoints.create(tx, site, draft, Envelope.STANDARD, None, key, endpoint_id=new_id(now), change=change)
    return site.id


def _happen(tx: Tx, site_id: str, number: int) -> None:
    now = system_clock()
    for _ in range(number):
        event = DomainEvent(site_id, "redirect_session", "completed", new_id(now), BODY)
        outbox.record(tx, event, event_id=new_id(now), now=now)


def _sender(db: Database) -> WebhookSender:
    return WebhookSender(db, system_clock, SEALING_KEY, frozenset(), lambda: 0.5, lambda outcome: None)


async def _timed(job: Callable[[], Awaitable[None]]) -> float:
    started = time.perf_counter()
    await job()
    return time.perf_counter() - started


async def _bare(port: int, writer: Writer, number: int) -> None:
    """The ceiling."""
    body = b'{"id":"01234567-89ab-7def-8123-456789abcdef","type":"redirect_session.completed","data":{}}' + b" " * 300
    head = f"POST /hook HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    message = head.encode() + body
    left = iter(range(number))

    async def one_after_another() -> None:
        reader, to = await asyncio.open_connection("127.0.0.1", port)
        for place in left:
            to.write(message)
            await reader.readuntil(b"ok")
            await writer.keep(f"{time.time_ns():016x}{place:08x}", "200")
        to.close()
        await to.wait_closed()

    await asyncio.gather(*(one_after_another() for _ in range(POSTS_AT_ONCE)))


@contextmanager
def _receiver() -> Iterator[int]:
    port = free_port()
    with child([sys.executable, "-m", "benchmarks.receiver", str(port)], core=cores()[1]) as process:
        _until_it_listens(port, process)
        yield port


def _until_it_listens(port: int, process: subprocess.Popen[bytes]) -> None:
    async def ask() -> None:
        while process.poll() is None:
            try:
                _, to = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                to.close()
                return
        raise RuntimeError("the receiver did not start")

    asyncio.run(ask())
