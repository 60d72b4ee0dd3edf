"""Builds the application from its parts. The only file that knows all of them."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import logging
import os
import sys
import time
from bisect import bisect_left
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import accumulate
from random import SystemRandom
from typing import Any

import msgspec
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from roundtrip import __version__
from roundtrip.api import (
    explain,
    identity,
    mailbox,
    members,
    oauth,
    oauth_apps,
    openapi,
    redirect_sessions,
    refusals,
    secrets_and_keys,
    system,
    timeline,
)
from roundtrip.api.application import Api
from roundtrip.api.operation import Operation
from roundtrip.api.services import ApiServices
from roundtrip.core.clock import Clock, system_clock
from roundtrip.core.ids import new_id
from roundtrip.core.limits import Limits
from roundtrip.core.randomness import random_bytes
from roundtrip.core.secrets import derived_key
from roundtrip.credentials.one_time_code import KEY_PURPOSE as CODE_KEY_PURPOSE
from roundtrip.credentials.one_time_code import link_token
from roundtrip.oauth import keys, revocation
from roundtrip.oauth.access_token import AccessTokens
from roundtrip.oauth.revocation import RevocationSet
from roundtrip.owners import actions as owners
from roundtrip.owners.model import JOIN_KEY_PURPOSE, TOTP_KEY_PURPOSE
from roundtrip.settings import Settings
from roundtrip.sites.refusals import actions as refused
from roundtrip.sites.refusals.tally import WRITE_EVERY_SECONDS, Refusals
from roundtrip.storage.connect import connect
from roundtrip.storage.database import Database
from roundtrip.storage.errors import StorageError
from roundtrip.storage.migrate import migrate
from roundtrip.storage.schema_state import pending, pending_names
from roundtrip.web.application import Pages
from roundtrip.web.dashboard.application import Dashboard
from roundtrip.web.dashboard.render import DeskRenderer
from roundtrip.web.dashboard.services import DeskServices
from roundtrip.web.render import Renderer
from roundtrip.web.services import WebServices
from roundtrip.worker.mail import MailSender
from roundtrip.worker.run import Worker

logger = logging.getLogger("roundtrip")

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

REVOCATIONS_EVERY_SECONDS = 0.4

OPERATIONS: tuple[Operation, ...] = (
    *redirect_sessions.OPERATIONS,
    *timeline.OPERATIONS,
    *explain.OPERATIONS,
    *refusals.OPERATIONS,
    *oauth.OPERATIONS,
    *identity.OPERATIONS,
    *members.OPERATIONS,
    *mailbox.OPERATIONS,
    *oauth_apps.OPERATIONS,
    *secrets_and_keys.OPERATIONS,
    *system.OPERATIONS,
)
"""The whole API. OpenAPI and the reference manual are generated from it."""


@cache
def openapi_document() -> bytes:
    """The API in OpenAPI 3.1, as JSON."""
    return msgspec.json.encode(openapi.document(OPERATIONS, __version__))


class StartError(RuntimeError):
    """The server cannot start as things are; the text says what to do."""


class Roundtrip:
    """The ASGI application: pages, API, and the loops that belong to a server process."""

    def __init__(self, settings: Settings, *, clock: Clock = system_clock, db: Database | None = None) -> None:
        self.settings = settings
        self.clock = clock
        self.db = db or _open(settings)
        self.revocations = RevocationSet()
        self.refusals = Refusals()
        self._writing_refusals = asyncio.Lock()
        self._code_key = derived_key(settings.secret, CODE_KEY_PURPOSE)
        self._hashing = ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="hashing")
        self._metrics = Metrics()
        self.mails = mail_sender(settings, self.db, clock, self._metrics.count_mail)
        limits = Limits(settings.limits)
        self.api = Api(OPERATIONS, self._api_services(limits))
        web = self._web_services(limits)
        self.pages = Pages(web)
        self.dashboard = Dashboard(self._desk_services(web))
        self._loops: list[asyncio.Task[None]] = []
        self._request_prefix = b"%09d" % (int.from_bytes(random_bytes(7), "big") % 10**9)
        self._requests = itertools.count(1)

    def _api_services(self, limits: Limits) -> ApiServices:
        key_ring = _keys(self.db, self.settings, self.clock())
        return ApiServices(
            db=self.db,
            clock=self.clock,
            issuer=self.settings.base_url,
            tokens=AccessTokens(key_ring, self.settings.base_url),
            key_ring=key_ring,
            revocations=self.revocations,
            lifetimes=self.settings.lifetimes,
            limits=limits,
            hash_work=self._hash_work,
            ready=self._problems,
            metrics=self._metrics.text,
            openapi=openapi_document,
            code_key=self._code_key,
            refusals=self.refusals,
        )

    def _web_services(self, limits: Limits) -> WebServices:
        return WebServices(
            db=self.db,
            clock=self.clock,
            base_url=self.settings.base_url,
            renderer=Renderer(),
            revocations=self.revocations,
            lifetimes=self.settings.lifetimes,
            limits=limits,
            hash_work=self._hash_work,
            code_key=self._code_key,
            refusals=self.refusals,
        )

    def _desk_services(self, web: WebServices) -> DeskServices:
        secret = self.settings.secret
        totp_key = derived_key(secret, TOTP_KEY_PURPOSE).hex()
        return DeskServices(web, DeskRenderer(web.renderer.assets), derived_key(secret, JOIN_KEY_PURPOSE), totp_key, self.write_refusals)

    def setup_link(self) -> str | None:
        """The one-time link that makes the first owner, while there is none (OPS-01)."""
        now = self.clock()
        code = self.db.write_now(owners.first_invitation, code_id=new_id(now), now=now)
        if code is None:
            return None
        return f"{self.settings.base_url}/dashboard/join/{link_token(derived_key(self.settings.secret, JOIN_KEY_PURPOSE), code.id)}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
            return
        if scope["type"] != "http":
            return
        started = time.perf_counter()
        # Unique in this process and, by its random part, among all: what logs and support know a request by.
        scope["roundtrip.request_id"] = b"%d.%s%09d" % (self.clock() // 1000, self._request_prefix, next(self._requests) % 10**9)
        side, status = "api", 500
        try:
            page = self._page_of(scope)
            if page is not None:
                side = "page"
                status = await self._page(page, scope, receive, send)
            else:
                status = await self.api(scope, receive, send)
        finally:
            elapsed = time.perf_counter() - started
            self._metrics.count(side, status, elapsed)
            if self.settings.access_log:
                extra = {"request_id": scope["roundtrip.request_id"].decode(), "ms": elapsed * 1e3}
                logger.info("%s %s %d", scope["method"], scope["path"], status, extra=extra)

    def _page_of(self, scope: Scope) -> Pages | Dashboard | None:
        if scope["method"] == "OPTIONS":
            return None
        path = scope["path"]
        return self.pages if self.pages.owns(path) else self.dashboard if self.dashboard.owns(path) else None

    async def _page(self, page: Pages | Dashboard, scope: Scope, receive: Receive, send: Send) -> int:
        status = 500

        async def watched(message: MutableMapping[str, Any]) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"].append((b"x-wix-request-id", scope["roundtrip.request_id"]))
            await send(message)

        await page(scope, receive, watched)
        return status

    def close(self) -> None:
        """Finish what was queued and let go of the database. Safe to call twice."""
        self._hashing.shutdown()
        self.db.close()

    async def _hash_work(self, job: Callable[[], object]) -> object:
        # As many threads as cores: more would only add waiting (`credentials/passwords.py`).
        return await asyncio.get_running_loop().run_in_executor(self._hashing, job)

    async def _problems(self) -> list[str]:
        try:
            names = await self.db.read(pending_names)
        except Exception as error:  # noqa: BLE001  whatever keeps the database from answering is the answer here
            logger.warning("not ready: %s", error)
            return [f"database: {type(error).__name__}"]
        return [f"migration missing: {name}" for name in names]

    async def _read_revocations(self) -> None:
        now = self.clock()
        self.revocations.refresh(await self.db.read(revocation.since, self.revocations.read_from), now)

    async def _refresh_revocations(self) -> None:
        while True:
            try:
                await self._read_revocations()
            except Exception:
                logger.exception("revocations could not be read; trying again")
            await asyncio.sleep(REVOCATIONS_EVERY_SECONDS)

    async def write_refusals(self) -> None:
        """Write what was refused since the last time. What cannot be written is dropped: it comes again with the next refusal."""
        async with self._writing_refusals:  # who comes second waits until what the first one took can be read
            batch = self.refusals.take()
            if batch:
                await self.db.write(refused.keep, batch, self.clock())

    async def _write_refusals(self) -> None:
        while True:
            await asyncio.sleep(WRITE_EVERY_SECONDS)
            try:
                await self.write_refusals()
            except Exception:
                logger.exception("refused addresses could not be written")

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                # Before the first request: a node that knows no revocation would honour dead tokens.
                await self._read_revocations()
                self._loops = [asyncio.create_task(self._refresh_revocations()), asyncio.create_task(self._write_refusals())]
                if self.settings.is_sqlite:
                    self._loops.append(asyncio.create_task(Worker(self.db, self.clock, self.settings.lifetimes).run()))
                    self._loops.append(asyncio.create_task(self.mails.run()))
                await send({"type": "lifespan.startup.complete"})
            else:
                for loop in self._loops:
                    loop.cancel()
                    with contextlib.suppress(asyncio.CancelledError):
                        await loop
                with contextlib.suppress(StorageError):
                    await self.write_refusals()
                self.close()
                await send({"type": "lifespan.shutdown.complete"})
                return


class Metrics(Collector):
    """What `/metrics` shows, in Prometheus' text form. Counting is two additions; the families are made when somebody asks."""

    SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

    def __init__(self) -> None:
        self._requests: dict[tuple[str, int], int] = {}
        self._mails: dict[str, int] = {}
        self._buckets = {side: [0] * (len(self.SECONDS) + 1) for side in ("api", "page")}
        self._total = {"api": 0.0, "page": 0.0}
        self._registry = CollectorRegistry()
        self._registry.register(self)

    def count(self, side: str, status: int, seconds: float) -> None:
        """One answered request. Called by the event loop's thread only."""
        place = (side, status)
        self._requests[place] = self._requests.get(place, 0) + 1
        self._buckets[side][bisect_left(self.SECONDS, seconds)] += 1
        self._total[side] += seconds

    def count_mail(self, outcome: str) -> None:
        """One mail sent, caught, postponed, refused or given up by this process."""
        self._mails[outcome] = self._mails.get(outcome, 0) + 1

    def collect(self) -> Iterable[Metric]:
        """The families, as `prometheus_client` wants them."""
        requests = CounterMetricFamily("roundtrip_requests", "Requests answered", labels=["side", "status"])
        for (side, status), number in self._requests.items():
            requests.add_metric([side, str(status)], number)
        seconds = HistogramMetricFamily("roundtrip_request_seconds", "Time to answer", labels=["side"])
        for side, counts in self._buckets.items():
            sums = list(accumulate(counts))
            bounds = [*(str(bound) for bound in self.SECONDS), "+Inf"]
            seconds.add_metric([side], list(zip(bounds, sums, strict=True)), self._total[side])
        mails = CounterMetricFamily("roundtrip_mails", "Mails handled by this process", labels=["outcome"])
        for outcome, number in self._mails.items():
            mails.add_metric([outcome], number)
        return (requests, seconds, mails)

    def text(self) -> bytes:
        """The exposition format."""
        return generate_latest(self._registry)


class JsonLines(logging.Formatter):
    """One JSON object a line. JSON escapes CR and LF, so no value can fake a line (OPS-07)."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S") + f".{int(record.msecs):03d}",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        for name in ("request_id", "ms"):
            if hasattr(record, name):
                line[name] = getattr(record, name)
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def set_up_logging(level: str) -> None:
    """JSON lines on standard error for everything, uvicorn included."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)


def mail_sender(settings: Settings, db: Database, clock: Clock, count: Callable[[str], None]) -> MailSender:
    """The loop that sends mails, for a server on SQLite and for `roundtrip worker`."""
    code_key = derived_key(settings.secret, CODE_KEY_PURPOSE)
    return MailSender(db, clock, settings.mail, settings.base_url, code_key, SystemRandom().random, count)


def _open(settings: Settings) -> Database:
    """The database, ready: a SQLite file is migrated by the process that owns it, PostgreSQL by `roundtrip migrate`."""
    if settings.is_sqlite:
        migrate(settings.database_url)
    db = connect(settings.database_url, max_size=settings.database_connections)
    missing = pending(db)
    if missing:
        db.close()
        raise StartError(f"The database lacks the migrations {', '.join(missing)}. Run `roundtrip migrate` first.")
    return db


def _keys(db: Database, settings: Settings, now: int) -> keys.KeyRing:
    db.write_now(keys.ensure_keys, settings.secret, now)
    return db.read_now(keys.load, settings.secret)
