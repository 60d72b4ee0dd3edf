"""Fills a shop by the product's own commands: what a checkout needs, and as many products as are wanted."""

from __future__ import annotations

from benchmarks.buying import slug_of
from benchmarks.servers import Installation, command

ROWS = 1000
"""As many as one import takes."""
PLENTY = 1_000_000
"""Pieces of each product: every order takes one of them, and none may be the last."""


def fill(installation: Installation, products: int) -> None:
    """Let the site `demo` deliver and take test payments, and sell `products` products, each counted."""
    settings = installation.environment(1)
    command(["product", "demo", "--site", "demo", "--shop", "--no-pictures"], settings)
    for first in range(0, products, ROWS):
        file = installation.folder / f"products-{first}.csv"
        rows = (
            f"Benchmark {number},{10 + number % 90}.50,{slug_of(number)},Counted goods.,SKU-{number},0.3,{PLENTY}"
            for number in range(first, min(first + ROWS, products))
        )
        file.write_text("\n".join(["name,price,slug,description,sku,weight,quantity", *rows]) + "\n")
        command(["product", "import", str(file), "--site", "demo"], settings)
        file.unlink()
