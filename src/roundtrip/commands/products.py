"""Commands about products."""

from __future__ import annotations

from pathlib import Path

import click

from roundtrip.api.product_rows import read_rows
from roundtrip.commands.terminal import by_command, say, told, write
from roundtrip.ecom.catalogue import seed
from roundtrip.ecom.catalogue.importing import import_products
from roundtrip.sites import actions as sites
from roundtrip.storage.database import Tx


@click.group()
def product() -> None:
    """What a site sells."""


@product.command("demo")
@click.option("--site", "slug", required=True, help="The site's slug.")
@click.option("--pictures/--no-pictures", default=True, show_default=True, help="Draw a picture for each; takes some seconds.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def demo(slug: str, pictures: bool, as_json: bool) -> None:
    """Let a site sell seven demo products in four collections. Safe to repeat."""
    drawn = seed.draw_pictures() if pictures else {}
    now = by_command().now
    made = write(lambda tx: seed.seed(tx, sites.require_site(tx, slug).id, pictures=drawn, now=now))
    text = f"{len(seed.PRODUCTS)} products are for sale." if made else "The demo products were there already."
    say(as_json, {"made": len(seed.PRODUCTS) if made else 0}, text)


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
