"""The command line: parse, call the same actions as the API, print. No rules of its own."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import signal
import sys
from collections.abc import Callable, Iterator
from typing import NoReturn, TypeVar

import click
import uvicorn

from roundtrip import __version__, cli_keys
from roundtrip.app import Roundtrip, StartError, openapi_document, set_up_logging
from roundtrip.core.clock import system_clock
from roundtrip.core.errors import AppError
from roundtrip.core.ids import new_id
from roundtrip.core.secrets import new_secret
from roundtrip.settings import SettingError, Settings, read
from roundtrip.sites import actions as sites
from roundtrip.sites import store as site_store
from roundtrip.sites.model import ApplicationType, Client
from roundtrip.storage.connect import connect
from roundtrip.storage.database import Tx
from roundtrip.storage.errors import StorageError
from roundtrip.storage.migrate import migrate as run_migrations
from roundtrip.worker.run import Worker
from roundtrip.workflows import seed as seeding

T = TypeVar("T")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="roundtrip")
def main() -> None:
    """Hosted login, checkout, booking, ticket and subscription pages for headless sites."""


@main.command()
def serve() -> None:
    """Serve pages and API. On SQLite this one process also does the worker's jobs."""
    settings = _settings()
    set_up_logging(settings.log_level)
    with _told():
        application = Roundtrip(settings)
    config = uvicorn.Config(
        application,
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="on",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies or None,
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


@main.command()
def worker() -> None:
    """Run the background jobs beside the servers (PostgreSQL)."""
    settings = _settings()
    if settings.is_sqlite:
        _stop("On SQLite the server runs the background jobs itself; `roundtrip worker` is for PostgreSQL.")
    set_up_logging(settings.log_level)
    with _told():
        db = connect(settings.database_url, max_size=settings.database_connections)
    try:
        asyncio.run(_until_stopped(Worker(db, system_clock, settings.lifetimes)))
    finally:
        db.close()


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def migrate(as_json: bool) -> None:
    """Bring the database up to date. Safe to repeat, and from several machines at once."""
    settings = _settings()
    with _told():
        applied = run_migrations(settings.database_url)
    _say(as_json, {"applied": applied}, f"Applied {len(applied)} migrations." if applied else "Nothing to do.")


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def seed(as_json: bool) -> None:
    """Make the demo site (test mode). Safe to repeat."""
    now = system_clock()
    site = _write(lambda tx: seeding.seed(tx, site_id=new_id(now), now=now))
    _say(as_json, {"siteId": site.id, "site": site.slug, "mode": site.mode.value}, f"Site {site.slug} ({site.mode.value} mode): {site.id}")


@main.group()
def client() -> None:
    """The OAuth apps of a site."""


@client.command("create")
@click.option("--site", "slug", required=True, help="The site's slug.")
@click.option("--name", required=True, help="What the owner calls it.")
@click.option("--redirect-uri", "uris", multiple=True, help="A full address to return to after authentication.")
@click.option("--redirect-domain", "domains", multiple=True, help="A domain to return to after everything else.")
@click.option("--post-logout-uri", "logouts", multiple=True, help="A full address to return to after a standard logout.")
@click.option("--type", "kind", type=click.Choice([kind.value for kind in ApplicationType]), default="WEB_APP", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def create_client(
    slug: str, name: str, uris: tuple[str, ...], domains: tuple[str, ...], logouts: tuple[str, ...], kind: str, as_json: bool
) -> None:
    """Make a client, and print its id."""
    now = system_clock()

    def create(tx: Tx) -> Client:
        return sites.create_client(
            tx,
            site=sites.require_site(tx, slug),
            client_id=new_id(now),
            name=name,
            now=now,
            redirect_uris=uris,
            redirect_domains=domains,
            post_logout_uris=logouts,
            application_type=ApplicationType(kind),
        )

    made = _write(create)
    _say(as_json, {"clientId": made.id, **_lists(made)}, f"Client {made.name}: {made.id}")


@client.command("list")
@click.option("--site", "slug", required=True, help="The site's slug.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_clients(slug: str, as_json: bool) -> None:
    """Show the clients of a site with their allow-lists."""
    found = _write(lambda tx: site_store.clients_of_site(tx, sites.require_site(tx, slug).id))
    shown = [{"clientId": one.id, "name": one.name, **_lists(one)} for one in found]
    _say(as_json, shown, "\n".join(f"{one.id}  {one.name}" for one in found) or "No clients yet.")


@client.command("allow")
@click.argument("client_id")
@click.option("--redirect-uri", "uris", multiple=True, help="Add a full address.")
@click.option("--redirect-domain", "domains", multiple=True, help="Add a domain.")
@click.option("--remove-redirect-uri", "no_uris", multiple=True, help="Remove a full address.")
@click.option("--remove-redirect-domain", "no_domains", multiple=True, help="Remove a domain.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def allow(
    client_id: str, uris: tuple[str, ...], domains: tuple[str, ...], no_uris: tuple[str, ...], no_domains: tuple[str, ...], as_json: bool
) -> None:
    """Add or remove addresses that visitors of a client may be sent to."""

    def change(tx: Tx) -> Client:
        found, site = sites.require_client(tx, client_id)
        return sites.change_addresses(
            tx,
            client=found,
            site=site,
            redirect_uris=tuple(uri for uri in (*found.redirect_uris, *uris) if uri not in no_uris),
            redirect_domains=tuple(domain for domain in (*found.redirect_domains, *domains) if domain not in no_domains),
        )

    changed = _write(change)
    lists = _lists(changed)
    _say(as_json, {"clientId": changed.id, **lists}, "\n".join(f"{name}: {', '.join(entries) or '-'}" for name, entries in lists.items()))


@main.group()
def key() -> None:
    """API keys for the owner's own server code."""


@key.command("create")
@click.option("--site", "slug", required=True, help="The site's slug.")
@click.option("--name", required=True, help="What it is for.")
@click.option("--permission", "permissions", multiple=True, default=("*",), show_default=True, help="What it may do.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def create_key(slug: str, name: str, permissions: tuple[str, ...], as_json: bool) -> None:
    """Make an API key. It is shown once."""
    now, text = system_clock(), new_secret("IST.")
    key_id = new_id(now)

    def create(tx: Tx) -> None:
        site = sites.require_site(tx, slug)
        sites.create_api_key(tx, site=site, key_id=key_id, key=text, name=name, permissions=permissions, now=now)

    _write(create)
    _say(as_json, {"keyId": key_id, "key": text}, f"Key {name} (shown once): {text}")


main.add_command(cli_keys.group)


@main.command()
def openapi() -> None:
    """Print the API as an OpenAPI document."""
    click.echo(openapi_document().decode())


async def _until_stopped(jobs: Worker) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    running = asyncio.create_task(jobs.run())
    await stopped.wait()
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running


def _write(fn: Callable[[Tx], T]) -> T:
    """Run one transaction beside whatever else has the database open."""
    settings = _settings()
    with _told(), contextlib.closing(connect(settings.database_url, own=False)) as db:
        return db.write_now(fn)


def _lists(client: Client) -> dict[str, list[str]]:
    return {
        "allowedRedirectUris": list(client.redirect_uris),
        "allowedRedirectDomains": list(client.redirect_domains),
        "postLogoutRedirectUris": list(client.post_logout_uris),
    }


def _settings() -> Settings:
    try:
        return read()
    except SettingError as error:
        _stop(str(error))


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Turn a refusal into one plain line; anything else stays a traceback, because it is our fault."""
    try:
        yield
    except AppError as error:
        _stop(error.description)
    except (StartError, StorageError, ValueError) as error:
        _stop(str(error))


def _say(as_json: bool, value: object, text: str) -> None:
    click.echo(json.dumps(value) if as_json else text)


def _stop(text: str) -> NoReturn:
    raise click.ClickException(text)
