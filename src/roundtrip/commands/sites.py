"""Commands about sites."""

from __future__ import annotations

from typing import Any

import click
import msgspec

from roundtrip.commands.terminal import by_command, say, settings, stop, write
from roundtrip.core.ids import new_id
from roundtrip.sites import actions as sites
from roundtrip.sites import site_settings
from roundtrip.sites import store as site_store
from roundtrip.sites.model import Mode, Site
from roundtrip.storage.database import Tx
from roundtrip.text.catalogue import LANGUAGES
from roundtrip.web.theme import parse_theme

MODES = [mode.value for mode in Mode]


@click.group()
def site() -> None:
    """Sites, the tenants of this server."""


@site.command("create")
@click.argument("slug")
@click.option("--name", required=True, help="What visitors know it as.")
@click.option("--mode", type=click.Choice(MODES), default="test", show_default=True, help="Real visitors, or trying things out.")
@click.option(
    "--language", type=click.Choice(list(LANGUAGES)), default="en", show_default=True, help="Of pages, when a visitor says nothing."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def create_site(slug: str, name: str, mode: str, language: str, as_json: bool) -> None:
    """Make a site. SLUG is what commands and addresses call it."""
    change = by_command()
    site_id = new_id(change.now)

    def create(tx: Tx) -> Site:
        return sites.create_site(
            tx, site_id=site_id, slug=slug, name=name, mode=Mode(mode), language=language, theme="{}", now=change.now, actor=change.actor
        )

    made = write(create)
    say(as_json, _shown(made), f"Site {made.name}: {made.slug} ({made.id})")


@site.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_sites(as_json: bool) -> None:
    """Show every site of this server."""
    found = write(site_store.sites)
    text = "\n".join(f"{one.slug}  {one.mode}  {one.name}" for one in found)
    say(as_json, [_shown(one) for one in found], text or "No sites yet. `roundtrip seed` makes one to try things on.")


@site.command("show")
@click.option("--site", "slug", required=True, help="The site's slug.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show_site(slug: str, as_json: bool) -> None:
    """Show what is set about a site."""
    found = _shown(write(lambda tx: sites.require_site(tx, slug)))
    say(as_json, found, "\n".join(f"{name}: {value if value is not None else '-'}" for name, value in found.items()))


@site.command("update")
@click.option("--site", "slug", required=True, help="The site's slug.")
@click.option("--set", "given", multiple=True, metavar="FIELD=VALUE", help="Set a field; numbers and lists as JSON, nothing empties it.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def update_site(slug: str, given: tuple[str, ...], as_json: bool) -> None:
    """Set fields of a site, such as `--set name=Shop` or `--set theme.brandColor=#1f4a43`."""
    fields = dict(_setting(text) for text in given)
    change, origin = by_command(), settings().base_url

    def update(tx: Tx) -> Site:
        found = sites.require_site(tx, slug)
        parse_theme(site_settings.with_fields(found, fields).theme, origin)
        return site_settings.update(tx, site=found, fields=fields, change=change)

    changed = _shown(write(update))
    say(as_json, changed, "\n".join(f"{name}: {value if value is not None else '-'}" for name, value in changed.items()))


@site.command("mode")
@click.argument("mode", type=click.Choice(MODES))
@click.option("--site", "slug", required=True, help="The site's slug.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def switch_mode(mode: str, slug: str, yes: bool, as_json: bool) -> None:
    """Make a site live, or a test site again. Says first which entries will have no effect."""
    wanted = Mode(mode)

    def look(tx: Tx) -> tuple[Site, list[site_settings.Stopped]]:
        found = sites.require_site(tx, slug)
        return found, site_settings.stopped_by(site_store.clients_of_site(tx, found.id), found.mode, wanted)

    found, stopped = write(look)
    for one in stopped:
        click.echo(f"! {one.client_name}: {one.entry}: {one.reason}", err=True)
    if not yes and click.prompt(f"Type {mode} to switch {found.name}", err=True) != mode:
        stop("Nothing was switched.")
    change = by_command()
    changed = write(lambda tx: site_settings.switch_mode(tx, site=sites.require_site(tx, slug), mode=wanted, change=change))
    say(as_json, _shown(changed), f"{changed.name} is {changed.mode} now.")


def _setting(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals or name not in site_settings.FIELD_NAMES:
        stop(f"{text!r} sets nothing: write FIELD=VALUE with one of {', '.join(site_settings.FIELD_NAMES)}.")
    if name in ("name", "language", "homeUrl") or not value:
        return name, value or None
    try:
        return name, msgspec.json.decode(value)
    except msgspec.DecodeError:
        return name, value


def _shown(found: Site) -> dict[str, Any]:
    return {"siteId": found.id, "slug": found.slug, "mode": found.mode.value, "revision": found.revision, **site_settings.picture(found)}
