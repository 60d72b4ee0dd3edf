"""Commands about domain events: watch what happens on a site, pass it on to a local server, and let something happen on a test site."""

from __future__ import annotations

import asyncio
import contextlib
import time

import click
import msgspec

from roundtrip.commands.terminal import say, settings, stop, told, write
from roundtrip.core import urls
from roundtrip.core.clock import rfc3339, system_clock
from roundtrip.core.ids import new_id
from roundtrip.core.urls import UrlRefused
from roundtrip.sites import actions as sites
from roundtrip.storage import outbox
from roundtrip.storage.connect import connect
from roundtrip.storage.database import Database
from roundtrip.storage.outbox import RecordedEvent
from roundtrip.storage.schema_state import require_all
from roundtrip.webhooks.catalogue import check_patterns
from roundtrip.webhooks.envelopes import standard
from roundtrip.webhooks.envelopes.signed import OpenKey, Receiver
from roundtrip.webhooks.feed import actions as feed
from roundtrip.webhooks.keys.making import fresh, opened
from roundtrip.webhooks.keys.model import KeyKind, WebhookKey
from roundtrip.worker.posting import Fence, Line, NotSent
from roundtrip.workflows.let_happen import let_happen

LOOK_EVERY_SECONDS = 0.3
TIMEOUT = 15.0


@click.command()
@click.option("--site", "slug", required=True, help="The site's slug.")
@click.option("--event", "patterns", multiple=True, help="Only these: order.paid, order.*; may be given several times.")
@click.option("--forward", "address", help="Also send each to this address, signed as webhooks are; the secret is printed first.")
@click.option("--since", type=click.IntRange(min=0), help="Begin behind this cursor of the feed; by default with what happens from now on.")
@click.option("--until", "most", type=click.IntRange(min=1), help="End after so many events.")
@click.option("--json", "as_json", is_flag=True, help="Print each event as one line of JSON.")
def listen(slug: str, patterns: tuple[str, ...], address: str | None, since: int | None, most: int | None, as_json: bool) -> None:
    """Print what happens on a site, as it happens. Ctrl-C ends it.

    Reads the feed beside the running server, which numbers the events; nothing is acknowledged, and nobody else hears less.
    """
    with told(), contextlib.closing(connect(settings().database_url, own=False)) as db:
        require_all(db)
        wanted = check_patterns(patterns) if patterns else ("*",)
        site = db.read_now(sites.require_site, slug)
        after = db.read_now(outbox.last_position) if since is None else since
        forward = _Forward(address, site.id, is_test=site.is_test) if address else None
        seen = 0
        with contextlib.suppress(KeyboardInterrupt):
            while most is None or seen < most:
                after, count = _once(db, site.id, after, wanted, forward, as_json, is_test=site.is_test, most=most and most - seen)
                seen += count
                if not count:
                    # A command of its own process that shows what comes: nobody else waits while it does.
                    time.sleep(LOOK_EVERY_SECONDS)


def _once(
    db: Database,
    site_id: str,
    after: int,
    wanted: tuple[str, ...],
    forward: _Forward | None,
    as_json: bool,
    *,
    is_test: bool,
    most: int | None,
) -> tuple[int, int]:
    """What has happened since; answers how far the feed was read and how many events were printed."""
    page = db.read_now(feed.page, site_id, after, 100, wanted)
    for number, one in enumerate(page.events[:most], 1):
        outcome = forward.send(one) if forward else ""
        text = f"{rfc3339(one.occurred_at)}  {one.event.name}  {one.event.entity_id}  {outcome}".rstrip()
        click.echo(msgspec.json.encode(standard.told(one, is_test=is_test)).decode() if as_json else text)
        if number == most:
            return one.position or after, number
    return page.cursor, len(page.events)


class _Forward:
    """A local server that gets what is printed, signed with a secret of this run."""

    def __init__(self, address: str, site_id: str, *, is_test: bool) -> None:
        try:
            self._url = urls.parse(address)
        except UrlRefused as error:
            stop(f"--forward {address!r} can't be used: {error.sentence}")
        now, sealing_key = system_clock(), b"0" * 32
        made = fresh(KeyKind.V1, sealing_key)
        key = WebhookKey("listen", "listen", made.kind, made.sealed, None, made.hint, now, now, None)
        self._receiver = Receiver(site_id, is_test, None, (OpenKey(key, opened(key, sealing_key)),))
        click.echo(f"Forwarding to {self._url.href}; events are signed with {made.shown}", err=True)

    def send(self, recorded: RecordedEvent) -> str:
        """What the server answered, in a word."""
        return asyncio.run(self._send(recorded))

    async def _send(self, recorded: RecordedEvent) -> str:
        message = standard.sign(recorded, self._receiver, system_clock())
        line = Line(self._url, Fence(is_open=True), TIMEOUT)
        try:
            return str((await line.post(message.body, message.headers)).status)
        except NotSent as reason:
            return str(reason)
        finally:
            line.close()


@click.command()
@click.argument("event")
@click.option("--site", "slug", required=True, help="The slug of a test site.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def trigger(event: str, slug: str, as_json: bool) -> None:
    """Let something happen on a test site, such as redirect_session.completed, to see what your server makes of it.

    Visits really happen: a redirect session is made and moved. Of other things the event alone is told, with made-up fields.
    """
    now = system_clock()
    happened = write(lambda tx: let_happen(tx, sites.require_site(tx, slug), event, first_id=new_id(now), now=now))
    say(as_json, {"event": event, "entityId": happened}, f"{event}  {happened}")
