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
from typing import Any

import msgspec
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from roundtrip import __version__
from roundtrip.api import identity, members, oauth, oauth_standard, openapi, redirect_sessions, system
from roundtrip.api.application import Api
from roundtrip.api.operation import Operation
from roundtrip.api.services import ApiServices
from roundtrip.core.clock import Clock, system_clock
from roundtrip.core.limits import Limits
from roundtrip.core.randomness import random_bytes
from roundtrip.core.secrets import derived_key
from roundtrip.credentials.one_time_code import KEY_PURPOSE as CODE_KEY_PURPOSE
from roundtrip.oauth import keys, revocation
from roundtrip.oauth.access_token import AccessTokens
from roundtrip.oauth.revocation import RevocationSet
from roundtrip.settings import Settings
from roundtrip.storage.connect import connect
from roundtrip.storage.database import Database, Tx
from roundtrip.storage.migrate import migrate
from roundtrip.storage.schema_state import pending, pending_names
from roundtrip.web.application import Pages
from roundtrip.web.render import Renderer
from roundtrip.web.services import WebServices
from roundtrip.worker.run import Worker

logger = logging.getLogger("roundtrip")

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

WATCH_EVERY_SECONDS = 0.4
ROTATION_PURPOSE = "refresh token rotation"

OPERATIONS: tuple[Operation, ...] = (
    *redirect_sessions.OPERATIONS,
    *oauth.OPERATIONS,
    *oauth_standard.OPERATIONS,
    *identity.OPERATIONS,
    *members.OPERATIONS,
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
        self._key_ring = _keys(self.db, settings, clock())
        self._fingerprint: tuple[tuple[str, int], ...] | None = None
        self._code_key = derived_key(settings.secret, CODE_KEY_PURPOSE)
        self._hashing = ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="hashing")
        self._metrics = Metrics()
        limits = Limits(settings.limits)
        services = self._api_services(limits)
        self._tokens = services.tokens
        self.api = Api(OPERATIONS, services)
        self.pages = Pages(self._web_services(limits))
        self._loops: list[asyncio.Task[None]] = []
        self._request_prefix = b"%09d" % (int.from_bytes(random_bytes(7), "big") % 10**9)
        self._requests = itertools.count(1)

    def _api_services(self, limits: Limits) -> ApiServices:
        return ApiServices(
            db=self.db,
            clock=self.clock,
            issuer=self.settings.base_url,
            tokens=AccessTokens(self._key_ring, self.settings.base_url),
            key_ring=self._key_ring,
            revocations=self.revocations,
            lifetimes=self.settings.lifetimes,
            limits=limits,
            hash_work=self._hash_work,
            ready=self._problems,
            metrics=self._metrics.text,
            openapi=openapi_document,
            code_key=self._code_key,
            rotation_key=derived_key(self.settings.secret, ROTATION_PURPOSE),
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
            key_ring=self._key_ring,
        )

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
            if scope["method"] != "OPTIONS" and self.pages.owns(scope["path"]):
                side = "page"
                status = await self._page(scope, receive, send)
            else:
                status = await self.api(scope, receive, send)
        finally:
            elapsed = time.perf_counter() - started
            self._metrics.count(side, status, elapsed)
            if self.settings.access_log:
                extra = {"request_id": scope["roundtrip.request_id"].decode(), "ms": elapsed * 1e3}
                logger.info("%s %s %d", scope["method"], scope["path"], status, extra=extra)

    async def _page(self, scope: Scope, receive: Receive, send: Send) -> int:
        status = 500

        async def watched(message: MutableMapping[str, Any]) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"].append((b"x-wix-request-id", scope["roundtrip.request_id"]))
            await send(message)

        await self.pages(scope, receive, watched)
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

    async def _watch(self) -> None:
        """Take in what other nodes have done since: revocations, and a rotation of the keys."""
        now = self.clock()
        revoked, fingerprint = await self.db.read(_changes, self.revocations.read_from, now)
        self.revocations.refresh(revoked, now)
        if fingerprint != self._fingerprint:
            ring = await self.db.read(keys.load, self.settings.secret, now)
            self._key_ring.use(ring.keys)
            self._tokens.use(self._key_ring)
            self._fingerprint = fingerprint

    async def _keep_watching(self) -> None:
        while True:
            try:
                await self._watch()
            except Exception:
                logger.exception("revocations and keys could not be read; trying again")
            await asyncio.sleep(WATCH_EVERY_SECONDS)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                # Before the first request: a node that knows no revocation would honour dead tokens.
                await self._watch()
                self._loops = [asyncio.create_task(self._keep_watching())]
                if self.settings.is_sqlite:
                    self._loops.append(asyncio.create_task(Worker(self.db, self.clock, self.settings.lifetimes).run()))
                await send({"type": "lifespan.startup.complete"})
            else:
                for loop in self._loops:
                    loop.cancel()
                    with contextlib.suppress(asyncio.CancelledError):
                        await loop
                self.close()
                await send({"type": "lifespan.shutdown.complete"})
                return


class Metrics(Collector):
    """What `/metrics` shows, in Prometheus' text form. Counting is two additions; the families are made when somebody asks."""

    SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

    def __init__(self) -> None:
        self._requests: dict[tuple[str, int], int] = {}
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
        return (requests, seconds)

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
    return db.read_now(keys.load, settings.secret, now)


def _changes(tx: Tx, after: int, now: int) -> tuple[list[revocation.Revocation], tuple[tuple[str, int], ...]]:
    return revocation.since(tx, after), keys.fingerprint(tx, now)
