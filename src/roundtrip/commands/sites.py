"""Commands about sites."""

from __future__ import annotations

import click

from roundtrip.commands.terminal import say, settings, write
from roundtrip.core.clock import system_clock
from roundtrip.core.identity import COMMAND
from roundtrip.sites import actions as sites
from roundtrip.sites.model import Site
from roundtrip.storage.database import Tx


@click.group()
def site() -> None:
    """Sites, the tenants of this server."""


@site.command("pages-address")
@click.option("--site", "slug", required=True, help="The site's slug.")
@click.argument("url", required=False)
@click.option("--server", "is_server", is_flag=True, help="Go back to the server's own address.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def pages_address(slug: str, url: str | None, is_server: bool, as_json: bool) -> None:
    """Set the address that visitors see the hosted pages of a site under. It has to lead to this server."""
    if is_server == (url is not None):
        raise click.UsageError("Give the address, or --server.")
    now = system_clock()

    def change(tx: Tx) -> Site:
        return sites.change_pages_url(tx, site=sites.require_site(tx, slug), url=url, actor=COMMAND, now=now)

    changed = write(change)
    where = changed.pages_url or settings().base_url
    say(as_json, {"site": changed.slug, "pagesUrl": changed.pages_url}, f"The pages of {changed.slug} are at {where}")
