"""Builds the application from its parts. The only file that knows all of them."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import os
import time
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from random import SystemRandom
from typing import Any

import msgspec

from roundtrip import __version__
from roundtrip.api import openapi
from roundtrip.api.application import Api
from roundtrip.api.awaited import Awaited
from roundtrip.api.operations import OPERATIONS
from roundtrip.api.renditions import Renditions
from roundtrip.api.services import ApiServices
from roundtrip.api.waiting import Waiting
from roundtrip.core.clock import Clock, system_clock
from roundtrip.core.ids import new_id
from roundtrip.core.limits import Limits
from roundtrip.core.randomness import random_bytes
from roundtrip.core.secrets import derived_key
from roundtrip.credentials.one_time_code import KEY_PURPOSE as CODE_KEY_PURPOSE
from roundtrip.credentials.one_time_code import link_token
from roundtrip.flows import paid
from roundtrip.oauth import keys, revocation
from roundtrip.oauth.access_token import AccessTokens
from roundtrip.oauth.revocation import RevocationSet
from roundtrip.owners import actions as owners
from roundtrip.owners.model import JOIN_KEY_PURPOSE, TOTP_KEY_PURPOSE
from roundtrip.payments.selling import Sellers
from roundtrip.redirect_session import actions as redirect_sessions
from roundtrip.settings import Settings, StartError
from roundtrip.sites.refusals import actions as refused
from roundtrip.sites.refusals.tally import WRITE_EVERY_SECONDS, Refusals
from roundtrip.storage.connect import connect
from roundtrip.storage.database import Database, Tx
from roundtrip.storage.errors import StorageError
from roundtrip.storage.migrate import migrate
from roundtrip.storage.schema_state import pending_names, require_all
from roundtrip.upkeep import logs
from roundtrip.upkeep.clock_difference import clock_problem
from roundtrip.upkeep.metrics import Metrics
from roundtrip.web.application import Pages
from roundtrip.web.dashboard.application import Dashboard
from roundtrip.web.dashboard.render import DeskRenderer
from roundtrip.web.dashboard.services import DeskServices
from roundtrip.web.render import Renderer
from roundtrip.web.services import WebServices
from roundtrip.webhooks.keys.model import KEY_PURPOSE as WEBHOOK_KEY_PURPOSE
from roundtrip.worker.loops import loops
from roundtrip.worker.mail import MailSender
from roundtrip.worker.payments import PaymentRounds
from roundtrip.worker.run import Worker
from roundtrip.worker.webhooks import WebhookSender
from roundtrip.workflows.cashier import Cashier
from roundtrip.workflows.webhook_setup import WebhookSetup

logger = logging.getLogger("roundtrip")

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

WATCH_EVERY_SECONDS = 0.4
ROTATION_PURPOSE = "refresh token rotation"
LAST_ROUND_SECONDS = 20
"""How long a round of the worker may go on when the process is told to end."""


@cache
def openapi_document() -> bytes:
    """The API in OpenAPI 3.1, as JSON."""
    return msgspec.json.encode(openapi.document(OPERATIONS, __version__))


class Roundtrip:
    """The ASGI application: pages, API, and the loops that belong to a server process."""

    def __init__(
        self, settings: Settings, *, clock: Clock = system_clock, db: Database | None = None, sellers: Sellers | None = None
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.db = db or _open(settings, clock)
        self.revocations = RevocationSet()
        self._key_ring = _keys(self.db, settings, clock())
        self._fingerprint: tuple[tuple[str, int], ...] | None = None
        self.refusals = Refusals()
        self._writing_refusals = asyncio.Lock()
        self._code_key = derived_key(settings.secret, CODE_KEY_PURPOSE)
        self._hashing = ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="hashing")
        self._renditions = Renditions(self.db)
        self._metrics = Metrics()
        self.mails = mail_sender(settings, self.db, clock, self._metrics.count_mail)
        self._webhook_setup = WebhookSetup(derived_key(settings.secret, WEBHOOK_KEY_PURPOSE), settings.webhook_hosts)
        self.webhooks = webhook_sender(settings, self.db, clock, self._metrics.count_webhook)
        self.cashier = cashier(settings, sellers)
        self.payments = PaymentRounds(self.db, clock, self.cashier)
        limits = Limits(settings.limits)
        services = self._api_services(limits)
        self._tokens = services.tokens
        self.api = Api(OPERATIONS, services)
        web = self._web_services(limits)
        self.pages = Pages(web)
        self.dashboard = Dashboard(self._desk_services(web))
        self.draining = False
        """True once the process was told to end: not ready any more, and nothing waits longer than it must."""
        self._stopped = asyncio.Event()
        self._worker: asyncio.Task[None] | None = None
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
            refusals=self.refusals,
            draining=lambda: self.draining,
            rotation_key=derived_key(self.settings.secret, ROTATION_PURPOSE),
            media_url=self.settings.media_url,
            renditions=self._renditions,
            import_hosts=self.settings.import_hosts,
            cashier=self.cashier,
            waiting=Waiting(),
            webhooks=self._webhook_setup,
            sessions_awaited=Awaited(self.db, redirect_sessions.ENTITY),
        )

    def _web_services(self, limits: Limits) -> WebServices:
        return WebServices(
            db=self.db,
            clock=self.clock,
            base_url=self.settings.base_url,
            issuer=self.settings.base_url,
            renderer=Renderer(),
            revocations=self.revocations,
            lifetimes=self.settings.lifetimes,
            limits=limits,
            hash_work=self._hash_work,
            code_key=self._code_key,
            refusals=self.refusals,
            key_ring=self._key_ring,
            cashier=self.cashier,
            webhooks=self._webhook_setup,
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
        self._metrics.begin()
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
                logs.request(scope["roundtrip.request_id"], scope["method"], scope["path"], status, elapsed)

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
        self._renditions.close()
        self.db.close()

    async def _hash_work(self, job: Callable[[], object]) -> object:
        # As many threads as cores: more would only add waiting (`credentials/passwords.py`).
        return await asyncio.get_running_loop().run_in_executor(self._hashing, job)

    async def _problems(self) -> list[str]:
        if self.draining:
            return ["this process is about to end"]
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
                await self._watch()
                self._loops = [asyncio.create_task(self._keep_watching()), asyncio.create_task(self._write_refusals())]
                if self.settings.is_sqlite:
                    self._worker = asyncio.create_task(Worker(self.db, self.clock, self.settings.lifetimes).run(self._stopped))
                    self._loops.append(asyncio.create_task(self.mails.run()))
                    self._loops.append(asyncio.create_task(self.webhooks.run()))
                    self._loops += [asyncio.create_task(loop.run()) for loop in loops(self.db, self.clock)]
                    self._loops.append(asyncio.create_task(self.payments.run(), name="payments"))
                await send({"type": "lifespan.startup.complete"})
            else:
                await self._end_loops()
                with contextlib.suppress(StorageError):
                    await self.write_refusals()
                self.close()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _end_loops(self) -> None:
        self.draining = True
        self._stopped.set()
        if self._worker is not None:
            # Cancels it when the time is over: its transactions are whole or not there, so nothing is half done then either.
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._worker, LAST_ROUND_SECONDS)
        for loop in self._loops:
            loop.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await loop


def mail_sender(settings: Settings, db: Database, clock: Clock, count: Callable[[str], None]) -> MailSender:
    """The loop that sends mails, for a server on SQLite and for `roundtrip worker`."""
    code_key = derived_key(settings.secret, CODE_KEY_PURPOSE)
    return MailSender(db, clock, settings.mail, settings.base_url, code_key, SystemRandom().random, count)


def webhook_sender(settings: Settings, db: Database, clock: Clock, count: Callable[[str], None]) -> WebhookSender:
    """The loop that tells the world, for a server on SQLite and for `roundtrip worker`."""
    sealing_key = derived_key(settings.secret, WEBHOOK_KEY_PURPOSE)
    return WebhookSender(db, clock, sealing_key, settings.webhook_hosts, SystemRandom().random, count)


def cashier(settings: Settings, sellers: Sellers | None = None) -> Cashier:
    """Who asks payment providers, for a server and for `roundtrip worker`."""
    return Cashier.of(
        settings.secret, settings.base_url, stripe_url=settings.stripe_url, sellers=paid.sellers() if sellers is None else sellers
    )


def _open(settings: Settings, clock: Clock) -> Database:
    """The database, ready: a SQLite file is migrated by the process that owns it, PostgreSQL by `roundtrip migrate`."""
    if settings.is_sqlite:
        migrate(settings.database_url)
    db = connect(settings.database_url, max_size=settings.database_connections)
    try:
        require_all(db)
        wrong = clock_problem(db, clock)
        if wrong:
            raise StartError(wrong)
    except BaseException:
        db.close()
        raise
    return db


def _keys(db: Database, settings: Settings, now: int) -> keys.KeyRing:
    db.write_now(keys.ensure_keys, settings.secret, now)
    return db.read_now(keys.load, settings.secret, now)


def _changes(tx: Tx, after: int, now: int) -> tuple[list[revocation.Revocation], tuple[tuple[str, int], ...]]:
    return revocation.since(tx, after), keys.fingerprint(tx, now)
