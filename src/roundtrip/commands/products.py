"""Commands about products."""

from __future__ import annotations

from pathlib import Path

import click

from roundtrip.api.product_rows import read_rows
from roundtrip.commands.terminal import by_command, say, told, write
from roundtrip.ecom.catalogue import seed
from roundtrip.ecom.catalogue.importing import import_products
from roundtrip.media.drawing import draw
from roundtrip.sites import actions as sites
from roundtrip.storage.database import Tx
from roundtrip.workflows.demo_shop import open_shop


@click.group()
def product() -> None:
    """What a site sells."""


@product.command("demo")
@click.option("--site", "slug", required=True, help="The site's slug.")
@click.option("--shop", "with_shop", is_flag=True, help="Also what a checkout needs: delivery, coupons, a tax rate, paying later.")
@click.option("--pictures/--no-pictures", default=True, show_default=True, help="Draw the pictures that are missing; takes some seconds.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def demo(slug: str, with_shop: bool, pictures: bool, as_json: bool) -> None:
    """Let a site sell seven demo products in four collections. Safe to repeat."""
    change = by_command()

    def opening(tx: Tx) -> tuple[str, bool, tuple[seed.DemoProduct, ...]]:
        site = sites.require_site(tx, slug)
        made = seed.seed(tx, site.id, now=change.now)
        if with_shop:
            open_shop(tx, site, change)
        return site.id, made, seed.without_picture(tx, site.id)

    site_id, made, bare = write(opening)
    hung = sum(_hang(site_id, one) for one in bare) if pictures else 0
    text = f"{len(seed.PRODUCTS)} products are for sale." if made else "The demo products were there already."
    told_of = {"made": len(seed.PRODUCTS) if made else 0, "pictures": hung, "withoutPicture": len(bare) - hung}
    say(as_json, told_of, f"{text} {hung} pictures were drawn." if hung else text)


def _hang(site_id: str, one: seed.DemoProduct) -> bool:
    """Each as soon as it is drawn: a shop that is looked at meanwhile fills up, and what was interrupted goes on where it was."""
    content = draw(*one.drawing)
    now = by_command().now
    return write(lambda tx: seed.hang(tx, site_id, one, content, now=now))


@product.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--site", "slug", required=True, help="The site's slug.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def import_file(file: Path, slug: str, as_json: bool) -> None:
    """Make a product of every row of the CSV FILE: all of them, or none."""
    with told():
        rows = read_rows(file.read_bytes())
    change = by_command()

    def importing(tx: Tx) -> list[str]:
        site = sites.require_site(tx, slug)
        return [one.id for one in import_products(tx, site.id, rows, change.actor, change.now)]

    made = write(importing)
    say(as_json, {"count": len(made), "productIds": made}, f"{len(made)} products were imported.")
