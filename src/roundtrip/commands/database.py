"""Commands about the database as a whole."""

from __future__ import annotations

import click

from roundtrip.commands.terminal import say, settings, told, write
from roundtrip.core.clock import system_clock
from roundtrip.core.ids import new_id
from roundtrip.storage.migrate import migrate as run_migrations
from roundtrip.workflows import seed as seeding


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def migrate(as_json: bool) -> None:
    """Bring the database up to date. Safe to repeat, and from several machines at once."""
    with told():
        applied = run_migrations(settings().database_url)
    say(as_json, {"applied": applied}, f"Applied {len(applied)} migrations." if applied else "Nothing to do.")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def seed(as_json: bool) -> None:
    """Make the demo site (test mode). Safe to repeat."""
    now = system_clock()
    site = write(lambda tx: seeding.seed(tx, site_id=new_id(now), now=now))
    say(as_json, {"siteId": site.id, "site": site.slug, "mode": site.mode.value}, f"Site {site.slug} ({site.mode.value} mode): {site.id}")
