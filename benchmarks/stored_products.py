"""Does reading products cost the same in a large shop? Two servers, one with a hundred products and one with many, in turn."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.few_and_many import in_turn
from benchmarks.load import Generator
from benchmarks.orders import Drive, Meet
from benchmarks.plan import CONNECTIONS, Plan
from benchmarks.servers import Installation, install, product
from benchmarks.shelves import fill

FEW = 100
JOURNEYS = ("products_v1", "products_v3", "product_by_slug")


def cost(new_database: Callable[[str], str], folder: Path, plan: Plan, load: Generator) -> dict[str, Any]:
    """For each way to read products: rates with few and with many stored, and what one more costs with many compared to few."""
    few = _filled(new_database("few_products"), folder / "few_products", FEW)
    many = _filled(new_database("many_products"), folder / "many_products", plan.stored_products)
    with product(few) as small, product(many) as large:
        for running, installation, products in ((small, few, FEW), (large, many, plan.stored_products)):
            load.order(Meet(running.base, installation.client_id, visitors=CONNECTIONS, products=products))
            load.order(Drive(running.base, "product_by_slug", CONNECTIONS, plan.side_seconds))
        return {"few": FEW, "many": plan.stored_products, **in_turn(load, small.base, large.base, JOURNEYS, plan)}


def _filled(database_url: str, folder: Path, products: int) -> Installation:
    installation = install(database_url, folder)
    fill(installation, products)
    return installation
