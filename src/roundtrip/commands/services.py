"""Commands about what can be booked."""

from __future__ import annotations

import click

from roundtrip.bookings import seed
from roundtrip.commands.terminal import by_command, say, write
from roundtrip.media.drawing import draw
from roundtrip.sites import actions as sites
from roundtrip.storage.database import Tx


@click.group()
def service() -> None:
    """What can be booked at a site."""


@service.command("demo")
@click.option("--site", "slug", required=True, help="The site's slug.")
@click.option("--pictures/--no-pictures", default=True, show_default=True, help="Draw the pictures that are missing; takes some seconds.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def demo(slug: str, pictures: bool, as_json: bool) -> None:
    """Let a site offer two appointments, a class and a course, with staff and hours. Safe to repeat."""
    change = by_command()

    def opening(tx: Tx) -> tuple[str, bool, tuple[seed.DemoService, ...]]:
        site = sites.require_site(tx, slug)
        made = seed.seed(tx, site.id, now=change.now)
        return site.id, made, seed.without_picture(tx, site.id)

    site_id, made, bare = write(opening)
    hung = sum(_hang(site_id, one) for one in bare) if pictures else 0
    text = f"{len(seed.SERVICES)} services can be booked." if made else "The demo services were there already."
    told_of = {"made": len(seed.SERVICES) if made else 0, "pictures": hung, "withoutPicture": len(bare) - hung}
    say(as_json, told_of, f"{text} {hung} pictures were drawn." if hung else text)


def _hang(site_id: str, one: seed.DemoService) -> bool:
    """Each as soon as it is drawn, as those of products are."""
    content = draw(*one.drawing)
    now = by_command().now
    return write(lambda tx: seed.hang(tx, site_id, one, content, now=now))
