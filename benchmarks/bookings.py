"""Does a month of times cost the same when a hundred thousand bookings are stored? Two servers, one with few and one with many, in turn.

Beside them, in the same rounds, a plain question for products of the demo store: what a month of times is compared with. The bookings are
written past the server: as many in the month that is asked about on both, all others in the years before.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

import msgspec
import psycopg

from benchmarks.figures import summary
from benchmarks.journeys import FIVE
from benchmarks.load import Generator
from benchmarks.orders import Drive, Meet, Round
from benchmarks.plan import Plan
from benchmarks.processes import free_port
from benchmarks.servers import Installation, command, install, product
from roundtrip.bookings import seed
from roundtrip.bookings.parts import actions as parts
from roundtrip.bookings.parts.model import Part, PartKind, StaffMember
from roundtrip.bookings.services import actions as services
from roundtrip.bookings.services.draft import ServiceDraft
from roundtrip.core.clock import DAY, HOUR
from roundtrip.core.identity import COMMAND
from roundtrip.core.ids import new_id
from roundtrip.sites.change import Change
from roundtrip.sites.store import site_by_slug
from roundtrip.storage.connect import connect
from roundtrip.storage.database import Tx

STAFF = tuple(f"57af9{number:03d}-0000-4000-8000-000000000001" for number in range(5))
FEW, MANY = 100, 100_000
CONNECTIONS = 8
JOURNEYS = ("plain_product_query", "month_of_times")
_COLUMNS = ("site_id", "holder", "lane_id", "blocked_from", "blocked_until", "seats", "created_at")

Row = tuple[str, str, str, int, int, int, int]


def cost(new_database: Callable[[str], str], folder: Path, plan: Plan, load: Generator) -> dict[str, Any]:
    """Rates with few and many stored bookings. `cost_ratio`: many against few; `against_products`: a month against a plain question."""
    few = _filled(new_database("few_bookings"), folder / "few_bookings", FEW)
    many = _filled(new_database("many_bookings"), folder / "many_bookings", MANY)
    rounds: dict[tuple[str, str], list[Round]] = {}
    with product(few) as small, product(many) as large:
        for running, installation in ((small, few), (large, many)):
            load.order(Meet(running.base, installation.client_id, visitors=CONNECTIONS))
            load.order(Drive(running.base, "month_of_times", CONNECTIONS, plan.side_seconds))
        for _ in range(plan.side_cycles):
            for journey in JOURNEYS:
                for name, running in (("few", small), ("many", large)):
                    rounds.setdefault((journey, name), []).append(load.order(Drive(running.base, journey, CONNECTIONS, plan.side_seconds)))
    rates = {key: median(one.per_second for one in many_rounds) for key, many_rounds in rounds.items()}
    result: dict[str, Any] = {journey: {name: summary(rounds[journey, name]) for name in ("few", "many")} for journey in JOURNEYS}
    month = "month_of_times"
    return {
        "few": FEW,
        "many": MANY,
        **result,
        "cost_ratio": round(rates[month, "few"] / rates[month, "many"], 3),
        "against_products": round(rates["plain_product_query", "many"] / rates[month, "many"], 2),
    }


def _filled(database_url: str, folder: Path, count: int) -> Installation:
    installation = install(database_url, folder)
    for what in ("product", "service"):
        command([what, "demo", "--site", "demo", "--no-pictures"], installation.environment(free_port()))
    database = connect(database_url)
    now = time.time_ns() // 1_000_000
    site_id = database.write_now(_five, now)
    database.close()
    rows = islice(_bookings(site_id, now), count)
    names, marks = ", ".join(_COLUMNS), ", ".join("?" * len(_COLUMNS))
    if database_url.startswith("sqlite:"):
        with sqlite3.connect(database_url.removeprefix("sqlite:///")) as file:
            file.executemany(f"INSERT INTO booking_time ({names}) VALUES ({marks})", rows)
            file.commit()
            file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        file.close()
        return installation
    with psycopg.connect(database_url, autocommit=True) as connection:
        with connection.cursor().copy(f"COPY booking_time ({names}) FROM STDIN".encode()) as copy:
            for row in rows:
                copy.write_row(row)
        connection.execute("VACUUM ANALYZE booking_time")
        connection.execute("CHECKPOINT")
    return installation


def _five(tx: Tx, now: int) -> str:
    """A service that five people give, and a lane for each of them."""
    site = site_by_slug(tx, "demo")
    assert site is not None
    for number, staff_id in enumerate(STAFF):
        made = Part(site.id, PartKind.STAFF, staff_id, f"Person {number}", 0, StaffMember(), 1, now, now)
        parts.create(tx, made, Change(new_id(now), COMMAND, now))
        tx.execute("INSERT INTO booking_lane (site_id, id, seats) VALUES (:site_id, :id, 0)", site_id=site.id, id=staff_id)
    sent = {"type": "APPOINTMENT", "name": "Five", "staffMemberIds": STAFF, "locations": [{"id": seed.MAIN_STREET}]}
    change = Change(new_id(now), COMMAND, now)
    services.create(tx, site.id, msgspec.convert(sent, ServiceDraft), service_id=FIVE, schedule_id=new_id(now), change=change)
    return site.id


def _bookings(site_id: str, now: int) -> Iterator[Row]:
    """A hundred hours in the coming month, then every hour from now back."""
    hour = now - now % HOUR
    times = [hour + DAY + number * 7 * HOUR for number in range(FEW)]
    for number, start in enumerate([*times, *(hour - (number // 5 + 1) * HOUR for number in range(MANY))]):
        yield site_id, f"booking-{number}", STAFF[number % 5], start, start + HOUR, 0, now
