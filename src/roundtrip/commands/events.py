"""Commands about what takes place."""

from __future__ import annotations

import click

from roundtrip.commands.terminal import by_command, say, write
from roundtrip.events import seed
from roundtrip.media.drawing import draw
from roundtrip.sites import actions as sites
from roundtrip.storage.database import Tx


@click.group()
def event() -> None:
    """What takes place at a site."""


@event.command("demo")
@click.option("--site", "slug", required=True, help="The site's slug.")
@click.option("--pictures/--no-pictures", default=True, show_default=True, help="Draw the pictures that are missing; takes some seconds.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def demo(slug: str, pictures: bool, as_json: bool) -> None:
    """Let a site hold an event with tickets and one that people answer to. Safe to repeat."""
    change = by_command()

    def opening(tx: Tx) -> tuple[str, bool, tuple[str, ...]]:
        site = sites.require_site(tx, slug)
        made = seed.seed(tx, site.id, now=change.now)
        return site.id, made, seed.without_picture(tx, site.id)

    site_id, made, bare = write(opening)
    hung = sum(_hang(site_id, one) for one in bare) if pictures else 0
    text = f"{len(seed.DEMO)} events take place." if made else "The demo events were there already."
    told_of = {"made": len(seed.DEMO) if made else 0, "pictures": hung, "withoutPicture": len(bare) - hung}
    say(as_json, told_of, f"{text} {hung} pictures were drawn." if hung else text)


def _hang(site_id: str, slug: str) -> bool:
    """Each as soon as it is drawn, as those of products are."""
    content = draw(*seed.DRAWINGS[slug])
    now = by_command().now
    return write(lambda tx: seed.hang(tx, site_id, slug, content, now=now))
