"""Looks at an installation and says what is missing, before a visitor finds out.

Rules about the installation are here, those about lists in `sites/readiness.py`, and what a flow needs is the flow's own (`Flow.ready`), so
that this file never names one. Nothing here changes anything.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from roundtrip.core.clock import MINUTE, SECOND, Clock
from roundtrip.core.errors import AppError
from roundtrip.core.secrets import derived_key
from roundtrip.flows.registry import Registry
from roundtrip.oauth import keys
from roundtrip.payments import providers
from roundtrip.payments.site_settings import actions as payment_settings
from roundtrip.payments.site_settings.model import KEY_PURPOSE
from roundtrip.redirect_session import store as redirect_sessions
from roundtrip.settings import Settings
from roundtrip.sites import readiness
from roundtrip.sites import store as sites
from roundtrip.sites.model import Client, Mode, Site
from roundtrip.storage.database import Database, Tx
from roundtrip.storage.database_url import sqlite_path
from roundtrip.storage.schema_state import pending_names
from roundtrip.upkeep.clock_difference import MOST, clock_difference
from roundtrip.upkeep.finding import Finding, of_lack, ok, problem, warning

HERE = "installation"
LOW_DISK = 1024**3
"""Bytes; below this the doctor warns, below a tenth of it there is a problem."""
_SET_STRIPE = "roundtrip payments stripe --site {}"
WORKER_LATE = 5 * MINUTE
WORTH_A_WORD = 2 * SECOND
LOOPBACK = ("127.0.0.1", "localhost", "::1")

SiteCheck = Callable[[Tx, Site, Settings], Iterator[Finding]]


def examine(db: Database, settings: Settings, clock: Clock, registry: Registry, slug: str | None = None) -> list[Finding]:
    """Everything that can be known. `slug` keeps it to one site. Raises NOT_FOUND for an unknown one, `StorageError` without a database."""
    found = [*of_settings(settings), *of_files(settings)]
    missing = db.read_now(pending_names)
    if missing:
        what = f"the database lacks the migrations {', '.join(missing)}"
        return [*found, problem(HERE, what, "No server starts on it.", "roundtrip migrate")]
    found += [ok(HERE, "the database answers and has every migration"), of_clock(clock_difference(db, clock))]
    found += [of_keys(db, settings.secret, clock()), of_worker(db.read_now(redirect_sessions.has_overdue, clock() - WORKER_LATE), settings)]
    return [*found, *db.read_now(_of_sites, settings, clock(), registry, slug)]


def of_settings(settings: Settings) -> Iterator[Finding]:
    """What can be said from the settings alone."""
    host = urlsplit(settings.base_url).hostname or ""
    yield ok(HERE, f"pages answer under {settings.base_url}")
    if host not in LOOPBACK and not settings.trusted_proxies:
        yield warning(
            HERE,
            "ROUNDTRIP_TRUSTED_PROXIES is empty",
            "Behind a proxy every visitor seems to come from the proxy, and they share one limit.",
            "Set ROUNDTRIP_TRUSTED_PROXIES to the address of the proxy (docs/how-to/behind-a-proxy.md).",
        )
    if settings.trusted_proxies.strip() == "*":
        yield problem(
            HERE,
            "ROUNDTRIP_TRUSTED_PROXIES is *",
            "Anybody who reaches the port can claim any address, so limits count nothing.",
            "Set it to the address of the proxy.",
        )
    if settings.log_level == "debug":
        yield warning(HERE, "ROUNDTRIP_LOG_LEVEL is debug", "It is slow and fills the disk.", "Set it to info.")


def of_files(settings: Settings) -> Iterator[Finding]:
    """The data directory: writable, with room, and its secret closed to others."""
    folder = settings.data_dir
    yield from of_secret_file(folder / "secret")
    if not settings.is_sqlite:
        return
    file = sqlite_path(settings.database_url)
    folder = file.absolute().parent
    if not os.access(folder, os.W_OK):
        yield problem(
            HERE, f"{folder} is not writable", "Nothing can be stored.", f"Give the server's user the right: chown -R USER {folder}"
        )
        return
    if file.exists() and file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        yield warning(HERE, f"{file} can be read by other users", "It holds members' addresses.", f"chmod 600 {file}")
    yield of_disk(folder, shutil.disk_usage(folder).free)


def of_secret_file(file: Path) -> Iterator[Finding]:
    """The generated secret must be its owner's alone."""
    if not file.exists():
        return
    if file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        yield problem(
            HERE, f"{file} is open to other users", "Whoever reads it can open the signing keys and make tokens.", f"chmod 600 {file}"
        )
    else:
        yield ok(HERE, f"{file} is closed to other users")


def of_disk(folder: Path, free: int) -> Finding:
    """A full disk stops every write."""
    what = f"{folder} has {free / 1024**3:.1f} GiB free"
    if free >= LOW_DISK:
        return ok(HERE, what)
    make = problem if free < LOW_DISK // 10 else warning
    return make(HERE, what, "When the disk is full, no session can be created.", "Make room, or move the database.")


def of_clock(difference: int) -> Finding:
    """How far this machine's clock is from the database's, in milliseconds."""
    if abs(difference) <= WORTH_A_WORD:
        return ok(HERE, "this machine and the database agree about the time")
    what = f"this machine's clock and the database's differ by {abs(difference) / SECOND:.1f} s"
    if abs(difference) <= MOST:
        return warning(HERE, what, "Codes that live a minute live shorter or longer.", "Synchronise both by NTP.")
    return problem(HERE, what, "No server starts.", "Synchronise both by NTP.")


def of_keys(db: Database, secret: str, now: int) -> Finding:
    """Whether the signing keys are there and open with the secret that is set."""
    try:
        ring = db.read_now(keys.load, secret, now)
    except AppError as error:
        why = "No server starts, and no token that was given out is good."
        return problem(HERE, error.description, why, "Set ROUNDTRIP_SECRET to the one that this database was first started with.")
    if not ring.keys:
        return ok(HERE, "there are no signing keys yet; the first start makes them")
    return ok(HERE, f"{len(ring.keys)} signing keys open with the secret")


def of_worker(is_late: bool, settings: Settings) -> Finding:
    """Visits whose time is over for minutes and that nobody ended: no worker makes its rounds."""
    if not is_late:
        return ok(HERE, "no background work is late")
    start = "roundtrip serve" if settings.is_sqlite else "roundtrip worker"
    why = "Visits do not expire, mails are not sent, nothing is tidied up."
    return problem(HERE, "background work is more than five minutes late", why, f"Start it and keep it running: {start}")


def of_site(tx: Tx, site: Site, settings: Settings) -> Iterator[Finding]:
    """What a site needs from the installation. Checks that other rooms bring (mail, payments) are added to `SITE_CHECKS`."""
    if site.mode is Mode.LIVE and not settings.base_url.startswith("https:"):
        yield problem(
            f"site {site.slug}",
            f"the site is live and the pages are at {settings.base_url}",
            "Passwords would travel unencrypted, and browsers refuse the cookies.",
            "Set ROUNDTRIP_BASE_URL to the https address of the proxy.",
        )


def of_mail(tx: Tx, site: Site, settings: Settings) -> Iterator[Finding]:
    """A live site sends mails; a test site catches them."""
    if site.mode is Mode.LIVE and settings.mail.server is None:
        yield problem(
            f"site {site.slug}",
            "the site is live and no mail server is set",
            "Members who forgot their password, or have to prove their address, wait for a mail that never comes.",
            "Set ROUNDTRIP_SMTP_URL and ROUNDTRIP_MAIL_FROM.",
        )


def of_payments(tx: Tx, site: Site, settings: Settings) -> Iterator[Finding]:
    """Whether visitors can pay, and whether the keys for it can be used."""
    where, found, set_keys = f"site {site.slug}", payment_settings.of_site(tx, site.id), _SET_STRIPE.format(site.slug)
    if found.stripe_is_live is not None and found.stripe_is_live is site.is_test:
        kind = "a live" if found.stripe_is_live else "a test"
        why = "A test site moves no real money, and a live site nothing else: visitors are not offered it."
        yield problem(where, f"the site is {site.mode.value} and its Stripe key is {kind} key", why, set_keys)
    elif found.stripe_sealed is not None:
        try:
            sealing_key = derived_key(settings.secret, KEY_PURPOSE)
            payment_settings.till(found, providers.STRIPE, sealing_key=sealing_key, base_url=settings.base_url)
        except AppError as error:
            why = "Visitors can't pay by card, and payments on their way are not heard of."
            yield problem(where, error.description, why, set_keys)
    if site.mode is Mode.LIVE and not found.ways_to_pay(site):
        fix = f"{set_keys}, or roundtrip payments offline --site {site.slug} --on --instructions TEXT"
        yield warning(where, "the site is live and has no way to be paid", "Only what costs nothing can be sold.", fix)


SITE_CHECKS: tuple[SiteCheck, ...] = (of_site, of_mail, of_payments)


def _of_sites(tx: Tx, settings: Settings, now: int, registry: Registry, slug: str | None) -> list[Finding]:
    wanted = sites.sites(tx) if slug is None else [_require(tx, slug)]
    if not wanted:
        return [warning(HERE, "there is no site yet", "Nobody can use anything.", "roundtrip seed makes the demo site")]
    return [finding for site in wanted for finding in _of_one_site(tx, site, settings, now, registry)]


def _of_one_site(tx: Tx, site: Site, settings: Settings, now: int, registry: Registry) -> Iterator[Finding]:
    where = f"site {site.slug}"
    for check in SITE_CHECKS:
        yield from check(tx, site, settings)
    clients = sites.clients_of_site(tx, site.id)
    if not clients:
        fix = (
            f"roundtrip client create --site {site.slug} --name NAME --redirect-uri https://YOUR-SITE/callback --redirect-domain YOUR-SITE"
        )
        yield problem(where, "the site has no client", "No flow works: a headless site is built with a client id.", fix)
    for client in clients:
        found = list(_of_client(tx, site, client, now, registry))
        yield from found or [ok(f"{where}, client {client.name}", f"ready for {', '.join(sorted(registry.flows))}")]


def _of_client(tx: Tx, site: Site, client: Client, now: int, registry: Registry) -> Iterator[Finding]:
    where = f"site {site.slug}, client {client.name}"
    for _, flow in sorted(registry.flows.items()):
        for lack in flow.ready(tx, flow, site, client):
            yield of_lack(where, lack)
    for lack in (*readiness.of_lists(client, site, now), *readiness.of_own_pages(client, site, now)):
        yield of_lack(where, lack)


def _require(tx: Tx, slug: str) -> Site:
    site = sites.site_by_slug(tx, slug)
    if site is None:
        known = ", ".join(one.slug for one in sites.sites(tx)) or "none"
        raise ValueError(f"There is no site called {slug!r}. Sites: {known}.")
    return site
