"""Two sites that are told what happens, receivers that answer as a test wants, and the worker between them."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import msgspec
import uvloop

from roundtrip.core.domain_event import DomainEvent
from roundtrip.core.identity import COMMAND
from roundtrip.core.ids import new_id
from roundtrip.sites import actions as sites
from roundtrip.sites.change import Change
from roundtrip.sites.model import Client, Mode, Site
from roundtrip.storage import outbox
from roundtrip.storage.database import Database, Tx
from roundtrip.webhooks.deliveries import store as deliveries
from roundtrip.webhooks.deliveries.model import Attempt, Delivery
from roundtrip.webhooks.endpoints import actions as endpoints
from roundtrip.webhooks.endpoints import store as endpoint_store
from roundtrip.webhooks.endpoints.actions import Draft
from roundtrip.webhooks.endpoints.model import Endpoint, Envelope
from roundtrip.webhooks.keys.making import KIND_OF, fresh
from roundtrip.worker.webhooks import WebhookSender
from tests.app_fixture import NOW, MovableClock

SEALING_KEY = b"k" * 32


@dataclass(frozen=True, slots=True)
class Got:
    """One request that a receiver got."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        """The event's id, by which a receiver knows a duplicate."""
        return self.headers["webhook-id"]

    @property
    def event(self) -> dict[str, object]:
        """The body of the envelope `standard`."""
        return msgspec.json.decode(self.body, type=dict[str, object])


@dataclass
class Receiver:
    """A customer's server. `answer` says which status and which headers the next request gets."""

    port: int
    got: list[Got] = field(default_factory=list)
    answer: Callable[[Got], tuple[int, dict[str, str]]] = lambda got: (200, {})

    def url(self, path: str = "/hook") -> str:
        """Its address, under the name that a test site may use."""
        return f"http://localhost:{self.port}{path}"


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128  # several workers connect at once, and five is what the library lets wait


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver that is up; more than one request at a time."""
    receiver = Receiver(0)

    class Answering(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got = Got(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
            status, headers = receiver.answer(got)
            receiver.got.append(got)
            self.send_response(status)
            for name, value in {"Content-Length": "2", **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the library's name
            """Say nothing."""

    server = _Server(("127.0.0.1", 0), Answering)
    receiver.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class Town:
    """A database with a test and a live site, and workers that tell for them."""

    db: Database
    clock: MovableClock
    site: Site
    live: Site
    client: Client
    counts: Counter[str] = field(default_factory=Counter)

    def endpoint(
        self, url: str, *events: str, envelope: Envelope = Envelope.STANDARD, site: Site | None = None, inside: frozenset[str] = frozenset()
    ) -> tuple[Endpoint, str]:
        """A new endpoint, and its secret or public half."""
        key = fresh(KIND_OF[envelope], SEALING_KEY)
        client_id = self.client.id if envelope is Envelope.JWT else None
        draft = Draft(url, "", events or ("*",), inside)
        made, _ = self.db.write_now(
            endpoints.create, site or self.site, draft, envelope, client_id, key, endpoint_id=new_id(self.clock()), change=self.change()
        )
        self.worker()  # the change itself is an event: it is not what tests are about
        self.take()
        return made, key.shown

    def change(self) -> Change:
        """An owner does something now."""
        return Change(new_id(self.clock()), COMMAND, self.clock())

    def take(self) -> None:
        """Pass over what has happened, untold."""
        self.db.write_now(outbox.take, 1000, self.clock())

    def happen(self, slug: str = "completed", entity: str = "redirect_session", entity_id: str = "s1", site: Site | None = None) -> str:
        """Something happens; answers the event's id."""
        event_id = new_id(self.clock())
        event = DomainEvent((site or self.site).id, entity, slug, entity_id, {"outcome": "completed", "result": {"orderId": "o1"}})
        self.db.write_now(outbox.record, event, event_id=event_id, now=self.clock())
        return event_id

    def worker(self, **more: object) -> WebhookSender:
        """A worker of its own."""
        options: dict[str, object] = {"inside": frozenset(), "timeout": 5.0, **more}
        return WebhookSender(self.db, self.clock, SEALING_KEY, chance=lambda: 0.5, count=self._count, **options)  # type: ignore[arg-type]

    def round(self, **more: object) -> None:
        """One round of such a worker, to its end."""
        # The loop of a server; `roundtrip worker` has the usual one, which the other tests run on.
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(self.worker(**more).round())

    def live_on(self, ms: int, step: int) -> None:
        """Let time pass in steps, with a round of a worker after each."""
        for _ in range(0, ms, step):
            self.clock.move(step)
            self.round()

    def deliveries(self, endpoint: Endpoint | None = None) -> list[Delivery]:
        """The log, newest first."""
        wanted = deliveries.Wanted(endpoint_id=endpoint.id if endpoint else None)
        return self.db.read_now(deliveries.search, self.site.id, wanted, before_id=None, limit=1000)

    def attempts(self, delivery: Delivery) -> list[Attempt]:
        """Every attempt at a delivery, oldest first."""
        return self.db.read_now(deliveries.attempts, delivery.id)

    def seen(self, endpoint: Endpoint) -> Endpoint:
        """The endpoint as it is now."""
        found = self.db.read_now(endpoint_store.find, endpoint.id)
        assert found is not None
        return found

    def _count(self, what: str) -> None:
        self.counts[what] += 1


def found_town(db: Database) -> Town:
    """Both sites, made, with a client of the test site."""

    def make(tx: Tx) -> tuple[Site, Site, Client]:
        site = sites.create_site(tx, site_id=new_id(NOW), slug="shop", name="Shop", mode=Mode.TEST, language="en", theme="{}", now=NOW)
        live = sites.create_site(tx, site_id=new_id(NOW), slug="live", name="Live", mode=Mode.LIVE, language="en", theme="{}", now=NOW)
        client = sites.create_client(tx, site=site, client_id=new_id(NOW), name="App", now=NOW)
        return site, live, client

    town = Town(db, MovableClock(), *db.write_now(make))
    town.take()
    return town
