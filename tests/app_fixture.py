"""The whole application inside the test's process: real database, real clock that a test can move, no socket.

`app` runs on SQLite, `app_on_each` on both databases, `plain_app` under plain http on loopback. Tests stay synchronous: a request runs the
loop until it is answered. Journeys through a real browser belong to `tests/browser_fixtures.py`.
"""

from __future__ import annotations

import asyncio
import itertools
import shutil
from collections.abc import Awaitable, Callable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from roundtrip.app import Roundtrip
from roundtrip.core.limits import LimitSettings
from roundtrip.core.secrets import new_secret
from roundtrip.oauth import keys, pkce
from roundtrip.payments.selling import Sellers
from roundtrip.settings import Settings
from roundtrip.sites import actions as sites
from roundtrip.sites.model import Client, Mode, Site
from roundtrip.storage.connect import connect
from roundtrip.storage.database import Database, Tx
from tests import owner
from tests.storage_fixtures import PostgresServer

NOW = 1_790_000_000_123
SECRET = "a secret for tests, long enough for all"
BASE = "https://pages.example"
PLAIN_BASE = "http://127.0.0.1:8123"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"  # RFC 7636, appendix B
CALLBACK = "https://shop.example/cb"
POST_FLOW = "https://shop.example/after?keep=1#part"
PASSWORD = "seven brown owls at noon"
CREATE = "/_api/redirects-api/v1/redirect-session"
REGISTER = "/_api/iam/authentication/v2/register"
LOGIN = "/_api/iam/authentication/v2/login"
NAVIGATION = {"sec-fetch-mode": "navigate", "sec-fetch-dest": "document", "sec-fetch-site": "cross-site"}
OWN_FORM = {"sec-fetch-mode": "navigate", "sec-fetch-dest": "document", "sec-fetch-site": "same-origin"}
Json = dict[str, Any]
_numbers = itertools.count(1)


@dataclass
class MovableClock:
    """UTC milliseconds that only a test moves."""

    now: int = NOW

    def __call__(self) -> int:
        return self.now

    def move(self, ms: int) -> None:
        """Let time pass."""
        self.now += ms


@dataclass(frozen=True)
class World:
    """Who exists: `shop` and `other` are clients of a test-mode site, `live` of a live one, `foreign` of a third site."""

    site: Site
    live_site: Site
    shop: Client
    other: Client
    live: Client
    foreign: Client
    key: str
    reading_key: str
    foreign_key: str


@dataclass
class App:
    """The running application. `request` is one request from somebody who is no browser."""

    application: Roundtrip
    clock: MovableClock
    world: World
    runner: asyncio.Runner
    base: str
    clients: list[httpx.AsyncClient] = field(default_factory=list)
    _plain: httpx.AsyncClient | None = None

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        """One request, answered."""
        return self.runner.run(self.client().request(method, path, **options))

    def at_once(self, *calls: Callable[[], Awaitable[httpx.Response]]) -> list[httpx.Response]:
        """Several requests in flight together."""

        async def both() -> list[httpx.Response]:
            return list(await asyncio.gather(*(call() for call in calls)))

        return self.runner.run(both())

    def client(self) -> httpx.AsyncClient:
        """What requests are made with; keeps no cookies."""
        if self._plain is None:
            self._plain = self.new_client()
        self._plain.cookies.clear()
        return self._plain

    def new_client(self) -> httpx.AsyncClient:
        """One more, with a cookie jar of its own. Exceptions that nobody caught fail the test."""
        client = httpx.AsyncClient(transport=httpx.ASGITransport(self.application), base_url=self.base, timeout=30)
        self.clients.append(client)
        return client

    def get(self, path: str, token: str | None = None, **headers: str) -> httpx.Response:
        """GET, with a token if given."""
        return self.request("GET", path, headers=_headers(token, headers))

    def post(self, path: str, body: object = None, token: str | None = None, **headers: str) -> httpx.Response:
        """POST a JSON body; bytes go as they are."""
        content = {"content": body} if isinstance(body, bytes) else {"json": body}
        return self.request("POST", path, headers=_headers(token, headers), **content)

    def tokens(self, client: Client | None = None) -> Json:
        """Tokens of a new visitor."""
        answer = self.post("/oauth2/token", {"clientId": (client or self.world.shop).id, "grantType": "anonymous"})
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def visitor(self, client: Client | None = None) -> str:
        """The access token of a new visitor."""
        return str(self.tokens(client)["access_token"])

    def create(self, body: Json, token: str | None = None, **headers: str) -> httpx.Response:
        """Create Redirect Session."""
        return self.post(CREATE, body, token or self.visitor(), **headers)

    def session(self, body: Json, token: str | None = None, **headers: str) -> Json:
        """The same, when it must succeed: the `redirectSession`."""
        answer = self.create(body, token, **headers)
        assert answer.status_code == 200, answer.text
        return dict(answer.json()["redirectSession"])

    def register(self, client: Client | None = None, email: str | None = None, **more: object) -> Json:
        """A new member by the identity API: address, member id and session token."""
        email = email or f"ann-{next(_numbers)}@example.com"
        answer = self.post(REGISTER, {"loginId": {"email": email}, "password": PASSWORD, **more}, self.visitor(client))
        assert answer.status_code == 200, answer.text
        return {"email": email, "id": answer.json()["identity"]["id"], "sessionToken": answer.json()["sessionToken"]}

    def member(self, client: Client | None = None, *, session_token: str | None = None, scope: str = "offline_access") -> Json:
        """Tokens of a logged-in member, got as a site gets them: session token, silent authorization, code."""
        client = client or self.world.shop
        token = session_token or self.register(client)["sessionToken"]
        session = self.session(auth(client, sessionToken=token, scope=scope, prompt="none"), self.visitor(client))
        back = Browser(self).open(session["fullUrl"]).headers["location"]
        return self.redeem(dict(parse_qsl(urlsplit(back).query))["code"], client)

    def redeem(self, code: str, client: Client | None = None) -> Json:
        """Exchange a code."""
        client = client or self.world.shop
        params = {"clientId": client.id, "grantType": "authorization_code", "code": code, "codeVerifier": VERIFIER}
        answer = self.post("/oauth2/token", {**params, "redirectUri": client.redirect_uris[0]})
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def db_text(self) -> str:
        """Everything the database holds once all that has happened is told, as one text."""
        self.runner.run(self.application.webhooks.round())
        return self.application.db.read_now(_everything)

    def change(self, client: Client, **lists: tuple[str, ...]) -> None:
        """Replace allow-lists of a client, as its owner does."""
        self.application.db.write_now(owner.change_lists, client.id, lists, NOW)


class Browser:
    """A browser's cookies and fetch metadata; follows redirects only when told to. `modern=False` sends no fetch metadata."""

    def __init__(self, app: App, *, modern: bool = True) -> None:
        self.app = app
        self.modern = modern
        self.client = app.new_client()

    def open(self, url: str, **headers: str) -> httpx.Response:
        """A person opens an address. Headers replace the usual ones; `None` would not be sent by httpx, so leave them out instead."""
        return self.send("GET", url, {**(NAVIGATION if self.modern else {}), **_dashed(headers)})

    def send(self, method: str, url: str, headers: Mapping[str, str], **options: Any) -> httpx.Response:
        """Any request with this browser's cookies."""
        return self.app.runner.run(self.client.request(method, url, headers=dict(headers), **options))

    def submit(self, url: str, fields: Mapping[str, str], **headers: str) -> httpx.Response:
        """A form of our own page is sent."""
        known = {**(OWN_FORM if self.modern else {}), "origin": "null", **_dashed(headers)}
        return self.send("POST", url, known, data=dict(fields))

    def follow(self, answer: httpx.Response) -> tuple[list[httpx.Response], str | None]:
        """Go on while redirects stay on our host: all answers, and the address outside that the last one names."""
        seen = [answer]
        while "location" in seen[-1].headers:
            target = str(httpx.URL(str(seen[-1].request.url)).join(seen[-1].headers["location"]))
            if not target.startswith(self.app.base + "/"):
                return seen, target
            seen.append(self.open(target))
        return seen, None


def auth(client: Client, *, prompt: str | None = None, **changes: str | None) -> Json:
    """The body of an `auth` session as the SDK sends it; a change to None leaves a field out."""
    request: dict[str, str | None] = {
        "clientId": client.id,
        "responseType": "code",
        "redirectUri": client.redirect_uris[0],
        "scope": "offline_access",
        "state": "a-state",
        "responseMode": "query",
        "codeChallenge": pkce.challenge(VERIFIER, "S256"),
        "codeChallengeMethod": "S256",
        **changes,
    }
    return {"auth": {"authRequest": {k: v for k, v in request.items() if v is not None}, **({"prompt": prompt} if prompt else {})}}


def login(**callbacks: str) -> Json:
    """The body of a `login` session that returns to the shop."""
    return {"login": {}, "callbacks": {"postFlowUrl": POST_FLOW, **callbacks}}


def _headers(token: str | None, headers: Mapping[str, str]) -> dict[str, str]:
    return {**({"authorization": token} if token is not None else {}), **_dashed(headers)}


def _dashed(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def _everything(tx: Tx) -> str:
    names = "SELECT name FROM sqlite_master WHERE type = 'table'"
    if tx.dialect == "postgresql":
        names = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    tables = [str(name) for (name,) in tx.all(names)]
    return "\n".join(repr(row) for table in tables for row in tx.all(f'SELECT * FROM "{table}"'))


def _people(tx: Tx) -> World:
    def site(number: int, slug: str, mode: Mode, name: str) -> Site:
        return sites.create_site(
            tx, site_id=_id(number), slug=slug, name=name, mode=mode, language="en", theme='{"brandColor":"#9a4a2f"}', now=NOW
        )

    def client(number: int, owner: Site, host: str) -> Client:
        uris, domains = (f"https://{host}/cb",), (host,)
        return sites.create_client(tx, site=owner, client_id=_id(number), name=host, redirect_uris=uris, redirect_domains=domains, now=NOW)

    def key(number: int, owner: Site, *permissions: str) -> str:
        text = new_secret("IST.")
        sites.create_api_key(tx, site=owner, key_id=_id(number), key=text, name="key", permissions=permissions, now=NOW)
        return text

    kiln, live, third = site(1, "kiln", Mode.TEST, "Kiln & Co."), site(2, "live", Mode.LIVE, "Loom"), site(3, "third", Mode.TEST, "Third")
    return World(
        site=kiln,
        live_site=live,
        shop=client(11, kiln, "shop.example"),
        other=client(12, kiln, "other.example"),
        live=client(13, live, "loom.example"),
        foreign=client(14, third, "third.example"),
        key=key(21, kiln, "*"),
        reading_key=key(22, kiln, "redirect_session.read"),
        foreign_key=key(23, third, "*"),
    )


def _id(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


def _prepare(database: Database) -> World:
    database.write_now(keys.ensure_keys, SECRET, NOW)
    return database.write_now(_people)


def settings(url: str, base: str = BASE, limits: LimitSettings | None = None) -> Settings:
    """Settings of an application in a test."""
    return Settings(url, base, "127.0.0.1", 8123, Path("data"), SECRET, "", "info", False, 10, limits or LimitSettings())


def running(database: Database, world: World, wanted: Settings, sellers: Sellers | None = None) -> Iterator[App]:
    """Start the application, hand it out, stop it."""
    clock = MovableClock()
    with asyncio.Runner() as runner:
        application = Roundtrip(wanted, clock=clock, db=database, sellers=sellers)
        app = App(application, clock, world, runner, wanted.base_url)
        said: asyncio.Queue[MutableMapping[str, Any]] = asyncio.Queue()
        heard: asyncio.Queue[MutableMapping[str, Any]] = asyncio.Queue()

        async def tell(what: Literal["startup", "shutdown"]) -> None:
            await said.put({"type": f"lifespan.{what}"})
            assert (await heard.get())["type"] == f"lifespan.{what}.complete"

        life = runner.get_loop().create_task(application({"type": "lifespan"}, said.get, heard.put))
        runner.run(tell("startup"))
        yield app
        for client in app.clients:
            runner.run(client.aclose())
        runner.run(tell("shutdown"))
        runner.run(asyncio.wait_for(life, 5))


@pytest.fixture(scope="session")
def _prepared(_sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, World]:
    """A database file with keys and people: making an RSA key for every test would take longer than the tests."""
    path = tmp_path_factory.mktemp("prepared") / "prepared.db"
    shutil.copyfile(_sqlite_template, path)
    database = connect(f"sqlite:///{path}")
    world = _prepare(database)
    database.close()
    return path, world


def _copy(prepared: tuple[Path, World], folder: Path) -> str:
    for suffix in ("", "-wal"):
        source = prepared[0].with_name(prepared[0].name + suffix)
        if source.exists():
            shutil.copyfile(source, folder / f"roundtrip.db{suffix}")
    return f"sqlite:///{folder / 'roundtrip.db'}"


@pytest.fixture
def app(_prepared: tuple[Path, World], tmp_path: Path) -> Iterator[App]:
    """The application on SQLite, under https."""
    url = _copy(_prepared, tmp_path)
    yield from running(connect(url), _prepared[1], settings(url))


@pytest.fixture(scope="module")
def shared_app(_prepared: tuple[Path, World], tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """The same for all tests of a file that only look: they must not move the clock or change lists."""
    url = _copy(_prepared, tmp_path_factory.mktemp("shared"))
    yield from running(connect(url), _prepared[1], settings(url))


@pytest.fixture
def plain_app(_prepared: tuple[Path, World], tmp_path: Path) -> Iterator[App]:
    """The application on SQLite, on plain http loopback."""
    url = _copy(_prepared, tmp_path)
    yield from running(connect(url), _prepared[1], settings(url, PLAIN_BASE))


@pytest.fixture
def limited_app(_prepared: tuple[Path, World], tmp_path: Path) -> Iterator[App]:
    """The application with small limits that count on test-mode sites too (`ROUNDTRIP_LIMITS=on`)."""
    url = _copy(_prepared, tmp_path)
    small = {"tokens_per_minute": 40, "sessions_per_minute": 5, "logins_per_minute": 4, "notices_per_minute": 3, "purchases_per_minute": 2}
    limits = LimitSettings(enabled_in_test=True, **small)
    yield from running(connect(url), _prepared[1], settings(url, limits=limits))


@pytest.fixture
def app_with_live_limits(_prepared: tuple[Path, World], tmp_path: Path) -> Iterator[App]:
    """The application with the same small limits, which count on live sites only."""
    url = _copy(_prepared, tmp_path)
    limits = LimitSettings(tokens_per_minute=40, sessions_per_minute=5, logins_per_minute=4)
    yield from running(connect(url), _prepared[1], settings(url, limits=limits))


@pytest.fixture
def app_on_each(db: Database, database_url: str) -> Iterator[App]:
    """The application on each database."""
    yield from running(db, _prepare(db), settings(database_url))


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def app_on_each_shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """The application on each database, one for all tests of a file that only look."""
    if request.param == "sqlite":
        prepared: tuple[Path, World] = request.getfixturevalue("_prepared")
        url = _copy(prepared, tmp_path_factory.mktemp("shared"))
        yield from running(connect(url), prepared[1], settings(url))
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    url = server.lend(request.getfixturevalue("_postgres_template"))
    database = connect(url)
    yield from running(database, _prepare(database), settings(url))
    server.give_back(url)


def query(url: str) -> dict[str, str]:
    """The decoded query of an address."""
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
